using System.Text;

namespace Broadcast.Link;

/// <summary>Remembers the last topic name of a connection: a device says nearly everything under one, so a message needs no new string.</summary>
internal struct TopicCache
{
    private byte[]? _bytes;
    private string? _text;

    public string Text(ReadOnlySpan<byte> topic)
    {
        if (_bytes is not null && topic.SequenceEqual(_bytes)) return _text!;
        _bytes = topic.ToArray();
        return _text = Encoding.UTF8.GetString(topic);
    }

    public ReadOnlySpan<byte> Bytes(string topic)
    {
        if (_bytes is not null && (ReferenceEquals(topic, _text) || topic == _text)) return _bytes;
        _text = topic;
        return _bytes = Encoding.UTF8.GetBytes(topic);
    }
}
