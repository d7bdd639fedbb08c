using System.Text.Json.Nodes;

namespace Broadcast.Cli.Tests;

public sealed class WarnTests : IAsyncLifetime
{
    private readonly Bench _bench = new();
    private StubCloud _cloud = null!;

    public async ValueTask InitializeAsync()
    {
        _cloud = await StubCloud.StartAsync();
        WritePeople(_bench);
    }

    public async ValueTask DisposeAsync()
    {
        await _cloud.DisposeAsync();
        _bench.Dispose();
    }

    [Fact]
    public async Task A_warning_is_drafted_by_an_operator_and_approved_by_somebody_else()
    {
        _cloud.Connections.Add(StubCloud.Progress(1, 2, final: true, ("played", 2)));
        (await WarnAsync()).ShouldBe(ExitCodes.Done, _bench.Error);
        _cloud.Acts.ShouldBe(["submit by op-421202", "approve by appr-421202", "release by op-421202"]);
        _cloud.Draft!["area"]!["regions"]!.ToJsonString().ShouldBe("""[{"code":"421202000000","level":"county"}]""");
        _cloud.Draft["validMinutes"]!.GetValue<int>().ShouldBe(60);
        _bench.Out.ShouldContain("2 of 2 have played it.");
        _bench.Out.ShouldContain("8.12 s");
        _bench.Out.ShouldContain("12.46 s");
    }

    [Fact]
    public async Task A_look_that_is_to_last_for_months_is_no_fault_after_the_release()
    {
        _cloud.Connections.Add(StubCloud.Progress(1, 2, final: true, ("played", 2)));
        (await WarnAsync("--watch", "60d")).ShouldBe(ExitCodes.Done, _bench.Error);
        _bench.Out.ShouldContain("2 of 2 have played it.");
    }

    [Fact]
    public async Task A_dry_run_names_villages_and_sites_and_changes_nothing()
    {
        (await WarnAsync("--dry-run")).ShouldBe(ExitCodes.Done, _bench.Error);
        _bench.Out.ShouldContain("421202100001");
        _bench.Out.ShouldContain("s-2");
        _bench.Out.ShouldContain("2 sites in 1 villages would speak; 1 are online now.");
        (_cloud.Draft, _cloud.Acts.Count).ShouldBe((null, 0));
    }

    [Fact]
    public async Task A_dry_run_needs_neither_text_nor_level_and_gives_programs_json()
    {
        (await _bench.RunAsync("warn", "--cloud", _cloud.Address.ToString(), "--data", _bench.Folder, "--region", "421202000000", "--dry-run", "--json")).ShouldBe(ExitCodes.Done, _bench.Error);
        var json = JsonNode.Parse(_bench.Out)!;
        json["villages"]![0]!["code"]!.GetValue<string>().ShouldBe("421202100001");
        json["count"]!.GetValue<int>().ShouldBe(2);
    }

    [Fact]
    public async Task Sites_that_have_not_played_it_are_listed_with_the_reason_and_the_exit_code_says_so()
    {
        _cloud.Connections.Add(StubCloud.Progress(1, 2, final: true, ("played", 1), ("refused", 1)));
        _cloud.Orders["refused"] = """[{"site":"s-2","name":"小学","villageCode":"421202100001","device":"d-2","state":"refused","reason":"expired","attempt":1,"online":false}]""";
        (await WarnAsync()).ShouldBe(ExitCodes.NotAllPlayed);
        _bench.Out.ShouldContain("1 of 2 have played it.");
        _bench.Out.ShouldContain("s-2  421202100001  小学  refused: expired  offline");
    }

    [Fact]
    public async Task Played_is_not_verified_audible_and_who_played_to_nobody_is_named()
    {
        _cloud.Connections.Add(StubCloud.Progress(1, 3, final: true, (1, 1, 1), ("played", 3)));
        _cloud.Orders["played"] = """
            [{"site":"s-1","name":"村委会","villageCode":"421202100001","device":"d-1","state":"played","attempt":1,"online":true,"sound":"amplifierDriven"},
             {"site":"s-2","name":"小学","villageCode":"421202100001","device":"d-2","state":"played","attempt":1,"online":true,"sound":"amplifierSilent"},
             {"site":"s-3","name":"水库","villageCode":"421202100002","device":"d-3","state":"played","attempt":1,"online":true,"sound":"notMeasured"}]
            """;
        (await WarnAsync()).ShouldBe(ExitCodes.Done, _bench.Error);
        _bench.Out.ShouldContain("3 of 3 have played it.");
        _bench.Out.ShouldContain("Verified audible: 1; measured and silent: 1; not measured: 1.");
        _bench.Out.ShouldContain("s-2  421202100001  小学  played, but too little current in the loudspeakers");
        _bench.Out.ShouldNotContain("s-3  ");
    }

    [Fact]
    public async Task The_summary_for_programs_is_one_json_document()
    {
        _cloud.Connections.Add(StubCloud.Progress(1, 2, final: true, ("played", 1), ("expired", 1)));
        (await WarnAsync("--json")).ShouldBe(ExitCodes.NotAllPlayed);
        var json = JsonNode.Parse(_bench.Out)!;
        json["counts"]!["played"]!.GetValue<int>().ShouldBe(1);
        json["times"]!["played"]!["lastMs"]!.GetValue<int>().ShouldBe(12_456);
        json["exit"]!.GetValue<int>().ShouldBe(3);
    }

    [Fact]
    public async Task Every_problem_that_the_cloud_names_is_printed_and_nothing_is_released()
    {
        _cloud.RefuseDraft = (422, """
            {"title":"Not accepted","status":422,"errors":[{"field":"text","code":"text-too-long","message":"1600 bytes; at most 1500.","messageZh":"过长。"},
            {"field":"event","code":"unknown-event","message":"Expected an event code.","messageZh":"事件代码。"}]}
            """);
        (await WarnAsync()).ShouldBe(ExitCodes.Refused);
        _bench.Error.ShouldContain("422");
        _bench.Error.ShouldContain("text: 1600 bytes; at most 1500.");
        _bench.Error.ShouldContain("event: Expected an event code.");
        _cloud.Acts.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_region_that_the_cloud_does_not_know_is_refused()
    {
        (await _bench.RunAsync("warn", "--cloud", _cloud.Address.ToString(), "--data", _bench.Folder, "--region", "429999000000", "--dry-run")).ShouldBe(ExitCodes.Refused);
        _bench.Error.ShouldContain("region: There is no such region.");
    }

    [Fact]
    public async Task Everything_typed_wrong_is_said_at_once_before_anybody_is_asked()
    {
        (await _bench.RunAsync("warn", "--region", "42", "--circle", "1,2", "--valid", "soon")).ShouldBe(ExitCodes.Refused);
        foreach (var part in (string[])["--region: '42'", "--circle: '1,2'", "--level is missing", "--event is missing", "--text is missing", "--valid: 'soon'"])
            _bench.Error.ShouldContain(part);
    }

    [Fact]
    public async Task A_lost_answer_to_the_release_is_asked_for_again_with_the_same_key()
    {
        _cloud.ReleaseAnswersToLose = 1;
        _cloud.Connections.Add(StubCloud.Progress(1, 2, final: true, ("played", 2)));
        (await WarnAsync()).ShouldBe(ExitCodes.Done, _bench.Error);
        _cloud.Acts.Count(a => a.StartsWith("release", StringComparison.Ordinal)).ShouldBe(2);
        _cloud.ReleaseKeys.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_named_operator_takes_the_password_from_the_environment()
    {
        _bench.Variables["BROADCAST_OPERATOR_PASSWORD"] = "pw-li-wei";
        _cloud.Connections.Add(StubCloud.Progress(1, 2, final: true, ("played", 2)));
        (await WarnAsync("--as-operator", "li-wei")).ShouldBe(ExitCodes.Done, _bench.Error);
        _cloud.Acts[0].ShouldBe("submit by li-wei");
    }

    [Fact]
    public async Task A_wrong_password_is_refused_with_its_problem()
    {
        _bench.Variables["BROADCAST_OPERATOR_PASSWORD"] = "wrong";
        (await WarnAsync("--as-operator", "li-wei")).ShouldBe(ExitCodes.Refused);
        _bench.Error.ShouldContain("Name or password is wrong.");
    }

    [Fact]
    public async Task A_named_operator_without_a_password_is_told_which_variable_to_set()
    {
        (await WarnAsync("--as-operator", "li-wei")).ShouldBe(ExitCodes.Refused);
        _bench.Error.ShouldContain("BROADCAST_OPERATOR_PASSWORD");
    }

    [Fact]
    public async Task No_cloud_at_all_has_its_own_exit_code_and_says_how_to_start_one()
    {
        (await _bench.RunAsync("warn", "--data", _bench.Folder, "--region", "421202000000", "--dry-run")).ShouldBe(ExitCodes.Unreachable);
        _bench.Error.ShouldContain("./broadcast up");
    }

    [Fact]
    public async Task A_password_never_goes_over_a_network_in_clear()
    {
        (await _bench.RunAsync("warn", "--cloud", "http://198.51.100.7", "--region", "421202000000", "--dry-run")).ShouldBe(ExitCodes.Refused);
        _bench.Error.ShouldContain("https://");
    }

    internal static void WritePeople(Bench bench) => bench.Write("people.json", """
        [{"name":"op-city","password":"pw-op-city","duties":["operator"],"region":"421200000000","regionLevel":"city","display":"咸宁市"},
         {"name":"appr-city","password":"pw-appr-city","duties":["approver"],"region":"421200000000","regionLevel":"city"},
         {"name":"op-421202","password":"pw-op-421202","duties":["operator"],"region":"421202000000","regionLevel":"county"},
         {"name":"appr-421202","password":"pw-appr-421202","duties":["approver"],"region":"421202000000","regionLevel":"county"},
         {"name":"op-421221","password":"pw-op-421221","duties":["operator"],"region":"421221000000","regionLevel":"county"},
         {"name":"op-township","password":"pw-op-township","duties":["operator"],"region":"421202100000","regionLevel":"township"},
         {"name":"admin","password":"pw-admin","duties":["administrator"],"region":"421200000000","regionLevel":"city"}]
        """);

    private Task<int> WarnAsync(params string[] more) => _bench.RunAsync([
        "warn", "--cloud", _cloud.Address.ToString(), "--data", _bench.Folder, "--region", "421202000000", "--level", "yellow", "--event", "11B03", "--text", "请注意防范", .. more]);
}
