using System.Net;
using System.Text.Json.Nodes;
using Broadcast.Cloud;
using Broadcast.Cloud.Accounts;
using Broadcast.Cloud.Keys;
using Broadcast.Device;
using Broadcast.Ledger;
using Broadcast.Rules;
using Broadcast.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broadcast.Hostile.Tests.Live;

/// <summary>A password that was given opens the door to replacing it, and no other.</summary>
public sealed class OneTimePasswordTests : IAsyncLifetime
{
    private const string Given = "given-to-be-replaced";
    private const string Own = "a long one of my own";

    private readonly RealCloud _cloud = new();

    public async ValueTask InitializeAsync()
    {
        var keys = KeyRing.OpenOrCreate(Path.Combine(_cloud.Data, "keys"));
        await using (var ledger = await LedgerStore.OpenAsync(CloudHost.LedgerOptionsOf(new CloudOptions { DataFolder = _cloud.Data }, keys), TimeProvider.System, NullLogger.Instance, CancellationToken.None))
        {
            var person = new Person(new PersonId("new-one"), "新人", Duties.Operator | Duties.Monitor, Region.Create("421200000000", RegionLevel.City));
            await ledger.PutPersonAsync(person, Passwords.MakeVerifier(Given), oneTime: true, Actor.System("test"));
        }

        await _cloud.StartAsync();
    }

    public ValueTask DisposeAsync() => _cloud.DisposeAsync();

    [Fact]
    public async Task Until_it_is_replaced_nothing_else_opens_and_afterwards_everything_does()
    {
        var client = _cloud.Stranger();
        var signedIn = (await client.SignInAsync("new-one", Given)).Ensure();
        ((bool)signedIn.Json["newPasswordNeeded"]!).ShouldBeTrue();
        (await client.GetAsync("/api/me")).Status.ShouldBe(HttpStatusCode.OK);
        foreach (var path in new[] { "/api/status", "/api/warnings", "/api/sites", "/api/audit" }) Refused(await client.GetAsync(path));
        Refused(await client.PostAsync("/api/warnings", new JsonObject { ["text"] = "x" }));

        await UnchangedAsync(client, "wrong", Own, HttpStatusCode.Forbidden);
        await UnchangedAsync(client, Given, Given, HttpStatusCode.UnprocessableEntity);
        await UnchangedAsync(client, Given, "short", HttpStatusCode.UnprocessableEntity);
        await UnchangedAsync(client, Given, "my-new-one-password", HttpStatusCode.UnprocessableEntity);
        await UnchangedAsync(client, Given, new string('x', 129), HttpStatusCode.UnprocessableEntity);

        var changed = (await client.PostAsync("/api/password", new JsonObject { ["password"] = Given, ["newPassword"] = Own })).Ensure();
        ((bool)changed.Json["newPasswordNeeded"]!).ShouldBeFalse();
        (await client.GetAsync("/api/status")).Status.ShouldBe(HttpStatusCode.Unauthorized, "every token before it has ended");
        client.UseToken((string)changed.Json["token"]!);
        (await client.GetAsync("/api/status")).Ensure();
        (await _cloud.Stranger().SignInAsync("new-one", Given)).Status.ShouldBe(HttpStatusCode.Unauthorized);
        ((bool)(await _cloud.Stranger().SignInAsync("new-one", Own)).Ensure().Json["newPasswordNeeded"]!).ShouldBeFalse();
        (await client.GetAsync("/api/audit?limit=500")).Ensure().Text.ShouldContain("new-password");
    }

    private static void Refused(ApiAnswer answer)
    {
        answer.Status.ShouldBe(HttpStatusCode.Forbidden);
        answer.Text.ShouldContain("new-password-needed");
    }

    private static async Task UnchangedAsync(ApiClient client, string password, string newPassword, HttpStatusCode status) =>
        (await client.PostAsync("/api/password", new JsonObject { ["password"] = password, ["newPassword"] = newPassword })).Status.ShouldBe(status);
}
