namespace System;

/// <summary>The library's span of bytes: a view of an array, because its C# has no other.</summary>
public readonly ref struct SpanByte
{
    private readonly byte[] _array;
    private readonly int _start;
    private readonly int _length;

    public SpanByte(byte[] array)
        : this(array, 0, array is null ? 0 : array.Length)
    {
    }

    public SpanByte(byte[] array, int start, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + length, array is null ? 0 : array.Length, nameof(length));
        (_array, _start, _length) = (array ?? [], start, length);
    }

    public static SpanByte Empty => default;

    public int Length => _length;

    public bool IsEmpty => _length == 0;

    public byte this[int index]
    {
        get => index >= 0 && index < _length ? _array[_start + index] : throw new ArgumentOutOfRangeException(nameof(index));
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, _length);
            _array[_start + index] = value;
        }
    }

    public static implicit operator SpanByte(byte[] array) => new(array);

    public void CopyTo(SpanByte destination)
    {
        for (var i = 0; i < _length; i++) destination[i] = this[i];
    }

    public SpanByte Slice(int start) => Slice(start, _length - start);

    public SpanByte Slice(int start, int length) => start >= 0 && length >= 0 && start + length <= _length
        ? new SpanByte(_array, _start + start, length)
        : throw new ArgumentOutOfRangeException(nameof(length));

    public byte[] ToArray() => _length == 0 ? [] : _array[_start..(_start + _length)];
}
