using System.Security.Cryptography;
using Broadcast.Rules;
using Microsoft.Data.Sqlite;

namespace Broadcast.Ledger.Tests;

/// <summary>Recordings in the ledger, on both databases.</summary>
public sealed class AudioTests
{
    public static TheoryData<Database> Both => TestLedger.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_recording_of_several_parts_comes_back_whole_and_is_kept_once(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        var content = RandomNumberGenerator.GetBytes((2 * LedgerStore.AudioPartBytes) + 17);
        var audio = Record(ledger, content);

        (await ledger.Store.AddAudioAsync(audio, content, TestLedger.Operator)).ShouldBe(AudioKept.Yes);
        (await ledger.Store.AddAudioAsync(audio with { Name = "again" }, content, TestLedger.Operator)).ShouldBe(AudioKept.Already);
        await ledger.ReopenAsync();

        var found = (await ledger.Store.ReadAudioAsync(audio.Hash)).ShouldNotBeNull();
        found.Audio.ShouldBe(audio);
        found.Content.ShouldBe(content);
        (await ledger.Store.ListAudioAsync(10)).ShouldHaveSingleItem().ShouldBe(audio);
        (await ledger.Store.AuditEntriesAsync("node-a", 0, 100)).Items.ShouldContain(e => e.Act == "audio" && e.Subject == audio.Hash.Value);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_recording_that_nobody_brought_is_not_there(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        (await ledger.Store.FindAudioAsync(AudioHash.Of([1]))).ShouldBeNull();
        (await ledger.Store.ReadAudioAsync(AudioHash.Of([1]))).ShouldBeNull();
    }

    [Fact]
    public async Task A_nearly_full_disk_takes_no_recording()
    {
        await using var ledger = await TestLedger.OpenAsync(Database.Sqlite, options => options with { FreeBytesMin = 1L << 40 });
        var content = new byte[100];
        await Should.ThrowAsync<StorageFullException>(() => ledger.Store.AddAudioAsync(Record(ledger, content), content, TestLedger.Operator));
    }

    /// <summary>What nobody can find, no bound counts: an operator who goes on bringing would fill the disk.</summary>
    [Fact]
    public async Task A_recording_that_finds_no_room_leaves_nothing_behind()
    {
        await using var ledger = await TestLedger.OpenAsync(Database.Sqlite);
        var file = ledger.Options.ConnectionString["sqlite:".Length..];
        await using var beside = new SqliteConnection($"Data Source={file};Pooling=False");
        await beside.OpenAsync(TestContext.Current.CancellationToken);
        await SqlAsync(beside, $"INSERT INTO audio (hash, format, bytes, length, name, author, at) VALUES ('{new string('a', 64)}', 0, {AudioLimits.AllBytesMax}, 1000, 'all there is room for', 'li-wei', 0)");

        for (byte n = 0; n < 3; n++)
        {
            var content = new byte[] { 1, 2, n };
            (await ledger.Store.AddAudioAsync(Record(ledger, content), content, TestLedger.Operator)).ShouldBe(AudioKept.Full);
            ledger.Clock.Advance(TimeSpan.FromDays(2));
        }

        (await SqlAsync(beside, "SELECT COUNT(*) FROM audio_part")).ShouldBe(0L);
        AudioHash.TryParse(new string('a', 64), out var all).ShouldBeTrue();
        (await ledger.Store.RemoveAudioAsync(all, TestLedger.Operator)).ShouldBe(AudioRemoval.Done);
        (await ledger.Store.AddAudioAsync(Record(ledger, [7]), new byte[] { 7 }, TestLedger.Operator)).ShouldBe(AudioKept.Yes);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_recording_goes_when_no_warning_can_speak_it_any_more(Database database)
    {
        await using var ledger = await TestLedger.OpenAsync(database);
        byte[][] contents = [[1, 2, 3], [4, 5, 6]];
        foreach (var content in contents) await ledger.Store.AddAudioAsync(Record(ledger, content), content, TestLedger.Operator);
        var (used, other) = (AudioHash.Of(contents[0]), AudioHash.Of(contents[1]));
        var draft = ledger.Draft();
        (await ledger.Store.AddRevisionAsync(draft with { Content = draft.Content with { Audio = used.Value } }, TestLedger.Operator)).ShouldBeTrue();

        (await ledger.Store.RemoveAudioAsync(used, TestLedger.Operator)).ShouldBe(AudioRemoval.InUse);
        (await ledger.Store.RemoveAudioAsync(other, TestLedger.Operator)).ShouldBe(AudioRemoval.Done);
        (await ledger.Store.RemoveAudioAsync(other, TestLedger.Operator)).ShouldBe(AudioRemoval.Unknown);
        ledger.Clock.Advance(TimeSpan.FromHours(3));
        (await ledger.Store.RemoveAudioAsync(used, TestLedger.Operator)).ShouldBe(AudioRemoval.Done);

        (await ledger.Store.ListAudioAsync(10)).ShouldBeEmpty();
        (await ledger.Store.ReadAudioAsync(used)).ShouldBeNull();
        (await ledger.Store.AuditEntriesAsync("node-a", 0, 100)).Items.Count(e => e.Act == "audio-removed" && e.Detail.Contains("早间节目", StringComparison.Ordinal)).ShouldBe(2);
        (await ledger.Store.AddAudioAsync(Record(ledger, contents[0]), contents[0], TestLedger.Operator)).ShouldBe(AudioKept.Yes, "it can be brought again");
        (await ledger.Store.ReadAudioAsync(used)).ShouldNotBeNull().Content.ShouldBe(contents[0]);
    }

    private static async Task<object?> SqlAsync(SqliteConnection sql, string text)
    {
        await using var command = sql.CreateCommand();
        command.CommandText = text;
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }

    private static AudioRecord Record(TestLedger ledger, byte[] content) => new(
        AudioHash.Of(content), new AudioFacts(AudioFormat.Opus, TimeSpan.FromSeconds(12)), content.Length, "早间节目", new PersonId("li-wei"), ledger.Now);
}
