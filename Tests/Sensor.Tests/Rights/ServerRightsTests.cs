using System.Collections.Concurrent;
using NATS.Client.JetStream;
using StreamLearn.Mqtt;
using StreamLearn.Nats;

namespace Sensor.Tests;

public sealed partial class ServerRightsTests
{
    private static readonly PublishOptions Any = new(new("liar/anything", 1, 1));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_session_is_ended_by_who_knows_its_name_and_the_name_cannot_be_guessed()
    {
        await using var server = await GuardedServer.StartAsync(overNats: false, guarded: true);
        await using var victim = server.Open("user-001", "sl-plant-user-001");
        await victim.PublishAsync("sl/plant/user-001/up/presence", default, Any, Cancellation);
        var name = Name().Match(server.Log).Groups[1].Value;

        foreach (var guess in new[] { "sl-plant-user-001", name })
        {
            Assert.DoesNotContain("already connected", server.Log, StringComparison.Ordinal);
            await using var liar = new MqttTransport(new()
            {
                Server = server.Uri,
                ClientId = guess,
                Credentials = _ => ValueTask.FromResult(
                    new MqttCredentials("liar", Encoding.UTF8.GetBytes(GuardedServer.PasswordOf("liar")))),
            });
            await liar.PublishAsync("sl/plant/liar/up/presence", default, Any, Cancellation);
        }

        Assert.Contains($"{name} already connected", server.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_message_that_is_answered_elsewhere_removes_messages_only_where_all_share_an_account(bool guarded)
    {
        await using var server = await GuardedServer.StartAsync(overNats: true, guarded);
        await using var aggregator = (NatsTransport)server.Open("aggregator", "sl-plant-aggregator-control");
        await aggregator.PublishAsync("sl/plant/aggregator/down/user-002/model", default, Any, Cancellation);
        var streams = new NatsJSContext(aggregator.Connection);
        await streams.CreateConsumerAsync("streamlearn", new("away") { FilterSubject = "sl.plant.aggregator.>" }, Cancellation);
        await aggregator.PublishAsync("sl/plant/aggregator/down/user-002/model", default, new(new("a", 2, 1)), Cancellation);
        await using var liar = Liar(server);

        await liar.PublishAsync("sl/plant/liar/up/presence", default,
            Any with { Properties = new() { ResponseTopic = "$JS/API/STREAM/PURGE/streamlearn" } }, Cancellation);
        await liar.Connection.PingAsync(Cancellation);

        var state = (await streams.GetStreamAsync("streamlearn", cancellationToken: Cancellation)).Info.State;
        Assert.Equal(guarded ? 1 : 0, state.Messages);
    }

    [Fact]
    public async Task A_login_reads_no_inbox_of_others_and_neither_empties_nor_deletes_nor_reads_the_stream()
    {
        await using var server = await GuardedServer.StartAsync(overNats: true, guarded: true);
        await using var liar = Liar(server);

        await using var inboxes = liar.SubscribeAsync("_INBOX/user-001/+/+", new(), Cancellation).GetAsyncEnumerator(Cancellation);
        var refused = await Assert.ThrowsAsync<TransportException>(() => inboxes.MoveNextAsync().AsTask());
        Assert.Contains("not permitted", refused.Message, StringComparison.Ordinal);
        var denied = new BlockingCollection<string>();
        liar.Connection.ServerError += (_, e) =>
        {
            denied.Add(e.Error);
            return default;
        };
        foreach (var asked in new[] { "STREAM.PURGE.streamlearn", "STREAM.DELETE.streamlearn", "CONSUMER.CREATE.streamlearn" })
        {
            await liar.Connection.PublishAsync($"$JS.API.{asked}", cancellationToken: Cancellation);
            Assert.True(denied.TryTake(out var error, ServerProcess.Patience));
            Assert.Contains($"Permissions Violation for Publish to \"$JS.API.{asked}\"", error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_device_waits_for_the_stream_that_it_may_not_create()
    {
        await using var server = await GuardedServer.StartAsync(overNats: true, guarded: true);
        await using var device = (NatsTransport)server.Open("user-001", "sl-plant-user-001");
        var published = device.PublishAsync("sl/plant/user-001/up/presence", default, Any, Cancellation).AsTask();
        while (!device.Status.LastFault.Contains("not permitted to create", StringComparison.Ordinal))
        {
            Assert.False(published.IsCompleted, $"{published.Exception}");
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Cancellation);
        }

        await using var aggregator = server.Open("aggregator", "sl-plant-aggregator-control");
        await aggregator.PublishAsync("sl/plant/aggregator/down/user-001/model", default, Any, Cancellation);
        await published.WaitAsync(ServerProcess.Patience, Cancellation);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_login_that_may_use_its_own_topics_alone_passes_the_check(bool overNats)
    {
        await using var server = await GuardedServer.StartAsync(overNats, guarded: true);
        await using var aggregator = server.Open("aggregator", "sl-plant-aggregator-control");
        await aggregator.PublishAsync("sl/plant/aggregator/down/user-001/model", default, Any, Cancellation);
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("s.yaml"), await Programs.SampleAsync(Programs.Sensor), Cancellation);

        var check = await Programs.RunAsync(Programs.Sensor, "check", "--online", "-c", folder.File("s.yaml"), "--set",
            $"link.url={server.Uri.ToString().TrimEnd('/')}", "--set", $"link.login={server.Login("gateway")}");

        Assert.Equal((0, ""), (check.ExitCode, check.Error));
    }

    private static NatsTransport Liar(GuardedServer server) => new(new()
    {
        Servers = [server.Uri],
        Credentials = _ => ValueTask.FromResult(new NatsCredentials("liar", GuardedServer.PasswordOf("liar"))),
        InboxPrefix = "_INBOX.liar",
    });

    [GeneratedRegex("as (sl-plant-user-001-[0-9a-f]{16}) ")]
    private static partial Regex Name();
}
