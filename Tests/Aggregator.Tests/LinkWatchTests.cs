using StreamLearn.Nats;

namespace Aggregator.Tests;

public sealed class LinkWatchTests
{
    private readonly List<string> _said = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_that_is_connected_and_keeps_refusing_is_quoted_until_it_takes_everything()
    {
        await using var nats = await RealNats.StartAsync(new()
        {
            JetStream = true,
            More = ["authorization { users: [ { user: admin, password: a }, { user: device, password: d, "
                + "permissions: { publish: { deny: [\"$JS.API.STREAM.CREATE.>\"] } } } ] }"],
        });
        await using NatsTransport device = Open(nats, "device:d"), admin = Open(nats, "admin:a");
        var watch = new LinkWatch([device], nats.Uri, 0, _said.Add);
        var publishing = device.PublishAsync("sl/x", default, new(new("test", 0)), Cancellation).AsTask();

        await UntilAsync(() => _said.Count >= 1, watch);
        await admin.PublishAsync("sl/x", default, new(new("test", 1)), Cancellation);
        await publishing;
        await UntilAsync(() => _said.Count >= 2, watch);

        var server = $"nats://127.0.0.1:{nats.Port}";
        Assert.Equal(
            [
                $"{server} is connected but refuses: there is no stream 'streamlearn' yet, and this login is not permitted to create it; "
                    + "messages are kept, and the program keeps trying",
                $"{server} accepts all messages again",
            ], _said);
    }

    [Fact]
    public async Task What_helps_is_said_once_where_the_connection_is_lost_again_and_again()
    {
        await using var nats = await RealNats.StartAsync();
        await using NatsTransport device = new(new() { Servers = [nats.Uri] });
        await using var hearing = device.SubscribeAsync("sl/x", new(), Cancellation).GetAsyncEnumerator(Cancellation);
        var first = hearing.MoveNextAsync().AsTask();
        var watch = new LinkWatch([device], nats.Uri, 0, _said.Add, "'piece: 64KiB' helps");
        for (var loss = 0; loss < 4; loss++)
        {
            await UntilAsync(() => watch.IsConnected, watch);
            await nats.KillAsync();
            await UntilAsync(() => !watch.IsConnected, watch);
            await nats.StartAgainAsync();
        }

        Assert.Equal(["the connection to nats://127.0.0.1:" + nats.Port + " was lost 3 times: 'piece: 64KiB' helps"],
            _said.Where(static s => s.Contains("piece", StringComparison.Ordinal)));
        await device.DisposeAsync();
        await first.ContinueWith(static _ => { }, TaskScheduler.Default);
    }

    private static NatsTransport Open(RealNats nats, string login) =>
        new(new() { Servers = [new($"nats://{login}@127.0.0.1:{nats.Port}")], Keep = new() { Topics = ["sl/#"] } });

    private async Task UntilAsync(Func<bool> condition, LinkWatch watch)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(ServerProcess.Patience);
        for (watch.Look(); !condition(); watch.Look())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, patience.Token);
        }
    }
}
