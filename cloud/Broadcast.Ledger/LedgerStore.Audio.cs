using Broadcast.Ledger.Storage;
using Broadcast.Rules;

namespace Broadcast.Ledger;

/// <summary>A recording as the ledger keeps it.</summary>
/// <param name="Name">What a person called it.</param>
/// <param name="Author">Who brought it.</param>
public sealed record AudioRecord(AudioHash Hash, AudioFacts Facts, int Bytes, string Name, PersonId Author, DateTimeOffset At);

/// <summary>What became of a recording that was brought.</summary>
public enum AudioKept
{
    Yes,

    /// <summary>The same sound was here already; it keeps its first name and author.</summary>
    Already,

    /// <summary>All recordings together would be too many.</summary>
    Full,
}

/// <summary>What became of the wish to remove a recording.</summary>
public enum AudioRemoval
{
    Done,
    Unknown,

    /// <summary>A warning that is not over names it; nothing was removed.</summary>
    InUse,
}

/// <summary>Recordings, named by their content: kept once, read whole, checked whenever they are read.</summary>
public sealed partial class LedgerStore
{
    /// <summary>A part is one act: it holds the writer for milliseconds.</summary>
    internal const int AudioPartBytes = 512 << 10;

    private static readonly TimeSpan OrphanPartsAfter = TimeSpan.FromDays(1); // What a crash in the middle of an upload left behind.

    private const string AudioColumns = "hash, format, length, bytes, name, author, at";

    /// <summary>Keeps a recording; nothing of it can be found before all of it is there.</summary>
    public async Task<AudioKept> AddAudioAsync(AudioRecord audio, ReadOnlyMemory<byte> content, Actor actor, CancellationToken cancel = default)
    {
        CheckText(audio.Name, AudioLimits.NameCharsMax, "name");
        if (content.Length != audio.Bytes) throw new ArgumentException($"The recording has {content.Length} bytes, its record says {audio.Bytes}.", nameof(content));
        if (await FindAudioAsync(audio.Hash, cancel) is not null) return AudioKept.Already;
        for (var part = 0; part * AudioPartBytes < content.Length; part++)
            await AddPartAsync(audio.Hash, part, content.Slice(part * AudioPartBytes, Math.Min(AudioPartBytes, content.Length - (part * AudioPartBytes))).ToArray(), cancel);
        return await WriteAsync(vital: false, async tx =>
        {
            if (await tx.Sql.FirstAsync("SELECT COUNT(*) FROM audio WHERE hash = @hash", r => r.GetInt64(0), ("hash", audio.Hash.Value)) > 0) return AudioKept.Already;
            var all = await tx.Sql.FirstAsync("SELECT CAST(COALESCE(SUM(bytes), 0) AS {long}) FROM audio", r => r.GetInt64(0));
            await tx.Sql.ExecuteAsync("DELETE FROM audio_part WHERE at < @before AND NOT EXISTS (SELECT 1 FROM audio a WHERE a.hash = audio_part.hash)",
                ("before", tx.NowMs - (long)OrphanPartsAfter.TotalMilliseconds));
            if (all + audio.Bytes > AudioLimits.AllBytesMax)
            {
                // What nobody can find, no bound counts.
                await tx.Sql.ExecuteAsync("DELETE FROM audio_part WHERE hash = @hash", ("hash", audio.Hash.Value));
                return AudioKept.Full;
            }

            await tx.Sql.ExecuteAsync(
                "INSERT INTO audio (hash, format, bytes, length, name, author, at) VALUES (@hash, @format, @bytes, @length, @name, @author, @at)",
                ("hash", audio.Hash.Value), ("format", (long)audio.Facts.Format), ("bytes", (long)audio.Bytes), ("length", (long)audio.Facts.Length.TotalMilliseconds),
                ("name", audio.Name), ("author", audio.Author.Value), ("at", audio.At.ToUnixTimeMilliseconds()));
            Note(tx, actor, "audio", audio.Hash.Value, $"{audio.Facts.Format}, {audio.Bytes} bytes, {audio.Facts.Length.TotalSeconds:0.0} s: {audio.Name}");
            return AudioKept.Yes;
        }, cancel);
    }

    /// <summary>What is known of a recording; null where there is none of that name.</summary>
    public Task<AudioRecord?> FindAudioAsync(AudioHash hash, CancellationToken cancel = default) => _readers.ReadAsync(sql =>
        sql.FirstAsync($"SELECT {AudioColumns} FROM audio WHERE hash = @hash", ReadAudio, ("hash", hash.Value)), cancel);

    /// <summary>The newest recordings first.</summary>
    public Task<IReadOnlyList<AudioRecord>> ListAudioAsync(int max, CancellationToken cancel = default) => _readers.ReadAsync<IReadOnlyList<AudioRecord>>(async sql =>
        await sql.QueryAsync($"SELECT {AudioColumns} FROM audio ORDER BY at DESC, hash LIMIT @max", ReadAudio, ("max", (long)PageOf(max))), cancel);

    /// <summary>A recording and its sound; null where there is none of that name.</summary>
    /// <exception cref="InvalidDataException">What is kept is no longer what was brought.</exception>
    public async Task<(AudioRecord Audio, byte[] Content)?> ReadAudioAsync(AudioHash hash, CancellationToken cancel = default)
    {
        var found = await _readers.ReadAsync(async sql =>
        {
            var audio = await sql.FirstAsync($"SELECT {AudioColumns} FROM audio WHERE hash = @hash", ReadAudio, ("hash", hash.Value));
            var parts = audio is null ? [] : await sql.QueryAsync("SELECT content FROM audio_part WHERE hash = @hash ORDER BY part", r => r.GetBytes(0), ("hash", hash.Value));
            return (audio, parts);
        }, cancel);
        if (found.audio is null) return null;
        var content = new byte[found.parts.Sum(p => p.Length)];
        var at = 0;
        foreach (var part in found.parts)
        {
            part.CopyTo(content, at);
            at += part.Length;
        }

        return AudioHash.Of(content) == hash ? (found.audio, content) : throw new InvalidDataException($"The recording {hash} in the ledger is damaged.");
    }

    /// <summary>
    /// Makes room. What a warning names that is spoken, or can still be released, stays. That and what it was called stay in the audit trail; also a full disk lets it go.
    /// </summary>
    public Task<AudioRemoval> RemoveAudioAsync(AudioHash hash, Actor actor, CancellationToken cancel = default) => WriteAsync(vital: true, async tx =>
    {
        if (await tx.Sql.FirstAsync($"SELECT {AudioColumns} FROM audio WHERE hash = @hash", ReadAudio, ("hash", hash.Value)) is not { } audio) return AudioRemoval.Unknown;
        var named = await tx.Sql.FirstAsync("SELECT COUNT(*) FROM warning WHERE state <= @released AND expires > @now AND body LIKE @named", r => r.GetInt64(0),
            ("released", (long)WarningState.Released), ("now", tx.NowMs), ("named", $"%{hash.Value}%"));
        if (named > 0) return AudioRemoval.InUse;
        await tx.Sql.ExecuteAsync("DELETE FROM audio WHERE hash = @hash", ("hash", hash.Value));
        await tx.Sql.ExecuteAsync("DELETE FROM audio_part WHERE hash = @hash", ("hash", hash.Value));
        Note(tx, actor, "audio-removed", hash.Value, $"{audio.Bytes} bytes, of {audio.Author}: {audio.Name}");
        return AudioRemoval.Done;
    }, cancel);

    private Task<int> AddPartAsync(AudioHash hash, int part, byte[] content, CancellationToken cancel) => WriteAsync(vital: false, tx => tx.Sql.ExecuteAsync(
        "INSERT INTO audio_part (hash, part, at, content) VALUES (@hash, @part, @at, @content) ON CONFLICT (hash, part) DO UPDATE SET at = excluded.at, content = excluded.content",
        ("hash", hash.Value), ("part", (long)part), ("at", tx.NowMs), ("content", content)), cancel);

    private static AudioRecord ReadAudio(RowReader r) => new(
        AudioHash.TryParse(r.GetString(0), out var hash) ? hash : throw new InvalidDataException("A recording in the ledger has no hash."),
        new AudioFacts((AudioFormat)r.GetInt64(1), TimeSpan.FromMilliseconds(r.GetInt64(2))), (int)r.GetInt64(3), r.GetString(4), new PersonId(r.GetString(5)),
        DateTimeOffset.FromUnixTimeMilliseconds(r.GetInt64(6)));
}
