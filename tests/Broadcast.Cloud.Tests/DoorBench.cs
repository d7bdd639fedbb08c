using System.Buffers.Text;
using System.Net;
using System.Net.Http.Headers;
using System.Reflection;
using Broadcast.Cloud.Accounts;
using Broadcast.Cloud.Audio;
using Broadcast.Cloud.Http;
using Broadcast.Cloud.Keys;
using Broadcast.Cloud.Link;
using Broadcast.Cloud.Live;
using Broadcast.Cloud.Monitoring;
using Broadcast.Cloud.Updates;
using Broadcast.Cloud.Warnings;
using Broadcast.Device;
using Broadcast.Ledger;
using Broadcast.Rules;
using Broadcast.Testing;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans;

namespace Broadcast.Cloud.Tests;

/// <summary>The HTTP doors over the ledger of a desk, on a port of their own; people come in with tokens, devices with tickets.</summary>
internal sealed class DoorBench : IAsyncDisposable
{
    private static readonly byte[] Verifier = [1, 2, 3];

    private readonly TempFolder _folder = new("doors");
    private readonly List<IDisposable> _clients = [];
    private WebApplication _app = null!;

    private DoorBench(DeskBench desk) => Desk = desk;

    public DeskBench Desk { get; }

    public NodeSessions Sessions { get; } = new();

    public string Folder => _folder.Path;

    public KeyRing Keys => _app.Services.GetRequiredService<KeyRing>();

    public T Get<T>() where T : notnull => _app.Services.GetRequiredService<T>();

    public static async Task<DoorBench> OpenAsync(DoorLimits? limits = null)
    {
        var bench = new DoorBench(await DeskBench.OpenAsync());
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        bench.AddServices(builder.Services, limits ?? new DoorLimits());
        bench._app = builder.Build();
        bench.UseDoors();
        await bench._app.StartAsync();
        return bench;
    }

    /// <summary>Somebody of the whole city, signed in.</summary>
    public async Task<ApiClient> SignInAsync(Duties duties, string name = "li-wei")
    {
        var person = DeskBench.Of(DeskBench.City, duties, name);
        await Desk.Ledger.PutPersonAsync(person, Verifier, oneTime: false, Actor.System("test"));
        var client = new ApiClient(_app.Urls.Single(), null);
        client.UseToken(Get<Tokens>().Issue(person.Id, Verifier).Token);
        _clients.Add(client);
        return client;
    }

    /// <summary>A device at the door, with a ticket for what has this name.</summary>
    public HttpClient Device(DeviceId device, byte[] name)
    {
        var ticket = Envelope.Seal(Keys.OrderKey(device, 1), 1, Direction.Up, device.Value, MessageType.AudioTicket, new AudioTicket { Audio = name, AtMs = Desk.Clock.GetUtcNow().ToUnixTimeMilliseconds() }.Encode());
        var client = new HttpClient { BaseAddress = new Uri(_app.Urls.Single()) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(DeviceTickets.Scheme.Trim(), Base64Url.EncodeToString(ticket));
        _clients.Add(client);
        return client;
    }

    /// <summary>A session of the device on this node, heard now.</summary>
    public async Task EnterAsync(DeviceRecord device)
    {
        var opened = await Desk.Ledger.OpenSessionAsync(device.Id, "node-1", Desk.Clock.GetUtcNow());
        Sessions.Enter(new LiveDevice(new TestLine { Epoch = opened.Epoch, LastHeard = Desk.Clock.GetUtcNow() }, device, new byte[32], Desk.Clock)).ShouldBeTrue();
    }

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients) client.Dispose();
        await _app.DisposeAsync();
        await Desk.DisposeAsync();
        _folder.Dispose();
    }

    private void AddServices(IServiceCollection services, DoorLimits limits)
    {
        var keys = KeyRing.OpenOrCreate(_folder["keys/"]);
        services.AddSingleton<TimeProvider>(Desk.Clock).AddSingleton(Desk.Ledger).AddSingleton(Desk.Places).AddSingleton(Desk.Desk).AddSingleton(Sessions).AddSingleton(keys);
        services.AddSingleton(new CloudOptions { DataFolder = _folder.Path }).AddSingleton(new Tokens(keys.TokenKey, Desk.Clock)).AddSingleton(limits);
        services.AddSingleton<HttpDoor>().AddSingleton<LiveHall>().AddSingleton<DeviceTickets>().AddSingleton<UpdateShelf>().AddSingleton<AudioShelf>();
        services.AddSingleton<PresenceBoard>().AddSingleton<LinkCounts>().AddSingleton<Uptime>().AddSingleton<BackupRoom>().AddSingleton<SignInBrake>();
        services.AddSingleton(DispatchProxy.Create<IGrainFactory, NoGrains>());
        services.AddAuthentication(TokenHandler.Scheme_).AddScheme<AuthenticationSchemeOptions, TokenHandler>(TokenHandler.Scheme_, null);
        services.AddAuthorization();
    }

    private void UseDoors()
    {
        _app.UseArrival();
        _app.UseAuthentication();
        _app.UseAuthorization();
        _app.MapAccounts();
        _app.MapWarnings();
        _app.MapMonitoring();
        _app.MapAudio();
        _app.MapUpdates();
        _app.MapLive();
        _app.MapStatus();
    }

    /// <summary>There is no silo here: a door that asks for a grain says so.</summary>
    internal class NoGrains : DispatchProxy
    {
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => throw new NotSupportedException($"{targetMethod?.Name}: no grains here.");
    }
}
