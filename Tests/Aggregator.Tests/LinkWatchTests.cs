using StreamLearn.Nats;
using StreamLearn.Programs;
using StreamLearn.Testing;

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

        await UntilAsync(1, watch);
        await admin.PublishAsync("sl/x", default, new(new("test", 1)), Cancellation);
        await publishing;
        await UntilAsync(2, watch);

        var server = $"nats://127.0.0.1:{nats.Port}";
        Assert.Equal(
            [
                $"{server} is connected and refuses: there is no stream 'streamlearn' yet, and this login is not permitted to create it; "
                    + "messages are kept, and the program keeps trying",
                $"{server} takes everything again",
            ], _said);
    }

    private static NatsTransport Open(RealNats nats, string login) =>
        new(new() { Servers = [new($"nats://{login}@127.0.0.1:{nats.Port}")], Keep = new() { Topics = ["sl/#"] } });

    private async Task UntilAsync(int said, LinkWatch watch)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(ServerProcess.Patience);
        while (_said.Count < said)
        {
            watch.Look();
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, patience.Token);
        }
    }
}
