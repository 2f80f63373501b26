namespace StreamLearn.Nats.Tests;

/// <summary>What a login is not permitted to do is an error of those who wanted it, and of nobody else.</summary>
public sealed class NatsPermissionTests
{
    [Theory]
    [InlineData("Permissions Violation for Subscription to \"a.b\"", "a.b", true)]
    [InlineData("permissions violation for subscription to \"a.>\" using queue \"q\"", "a.>", true)]
    [InlineData("Permissions Violation for Publish to \"a\"", "a", false)]
    public void A_violation_names_the_subject(string text, string subject, bool isSubscription)
    {
        Assert.True(NatsViolation.TryRead(text, out var violation));
        Assert.Equal(new(subject, isSubscription), violation);
    }

    [Theory]
    [InlineData("Permissions Violation")]
    [InlineData("Permissions Violation for Subscription to a")]
    [InlineData("Permissions Violation for Publish to \"\"")]
    [InlineData("Slow Consumer")]
    public void Other_errors_name_none(string text) => Assert.False(NatsViolation.TryRead(text, out _));

    [Fact]
    public async Task Who_subscribes_to_what_is_denied_hears_it_and_others_go_on()
    {
        await using var server = await StartAsync("subscribe: { deny: [\"secret.>\"] }");
        await using var transport = Open(server, keeps: false);
        await using var allowed = transport.Read("open/a");
        await using var denied = transport.Read("secret/a");
        var error = await Assert.ThrowsAsync<TransportException>(() => Patiently(denied.MoveNextAsync().AsTask()));
        Assert.Contains("not permitted to subscribe to 'secret.a'", error.Message, StringComparison.Ordinal);
        Assert.False(error.IsTransient);
        await transport.PublishAsync(new("open/a"), new("x"u8.ToArray()), default, Cancellation);
        Assert.True(await Patiently(allowed.MoveNextAsync().AsTask()));
    }

    [Fact]
    public async Task Who_publishes_into_a_stream_where_it_is_denied_hears_it_and_others_go_on()
    {
        await using var server = await StartAsync("publish: { deny: [\"secret.>\"] }");
        await using var transport = Open(server, keeps: true);
        await transport.PublishAsync(new("open/a"), new("x"u8.ToArray()), default, Cancellation);
        var error = await Assert.ThrowsAsync<TransportException>(() => Patiently(
            transport.PublishAsync(new("secret/a"), new("x"u8.ToArray()), default, Cancellation).AsTask()));
        Assert.Contains("not permitted to publish to 'secret.a'", error.Message, StringComparison.Ordinal);
        await transport.PublishAsync(new("open/a"), new("x"u8.ToArray()), default, Cancellation);
    }

    [Theory]
    [InlineData("publish: { deny: [\"$JS.API.>\"] }", "publish to '$JS.API.")]
    [InlineData("subscribe: { deny: [\"_INBOX.>\"] }", "subscribe to '_INBOX.")]
    public async Task Who_asks_where_it_is_denied_hears_it(string permissions, string expected)
    {
        await using var server = await StartAsync(permissions);
        await using var transport = Open(server, keeps: true);
        await using var link = new TestLink(Options(server, keeps: true));
        var asked = await Assert.ThrowsAsync<TransportException>(() => Patiently(link.Api.StreamAsync("kept", Cancellation)));
        var published = await Assert.ThrowsAsync<TransportException>(() => Patiently(
            transport.PublishAsync(new("open/a"), new("x"u8.ToArray()), default, Cancellation).AsTask()));
        Assert.All([asked, published], e => Assert.Contains(expected, e.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Who_may_not_subscribe_to_answers_hears_it_however_late_the_server_says_so_and_over_each_connection()
    {
        await using var server = new ScriptedNats();
        await using var link = new TestLink(new() { Servers = [server.Uri], InitialReconnectDelay = TimeSpan.FromMilliseconds(1) });
        for (var connections = 1; connections <= 2; connections++)
        {
            var asking = link.Api.StreamAsync("S", Cancellation);
            var publishing = link.PublishAsync("a");
            await using var connection = await server.TakeAsync();
            await connection.InfoAsync();
            await connection.LineAsync();
            await connection.LineAsync();
            await connection.SendAsync("PONG\r\n");
            var inbox = (await connection.LineAsync()).Split(' ')[1];
            for (var published = 0; published < 2; published += (await connection.LineAsync()).Contains("PUB ") ? 1 : 0) { }
            Assert.False(asking.IsCompleted || publishing.IsCompleted);

            await connection.SendAsync($"-ERR 'Permissions Violation for Subscription to \"{inbox}\"'\r\n");

            Task LaterAsync() => link.Api.StreamAsync("S", Cancellation);
            foreach (var denied in new Func<Task>[] { () => asking, () => publishing, LaterAsync })
            {
                var error = await Assert.ThrowsAsync<TransportException>(() => Patiently(denied()));
                Assert.Contains($"not permitted to subscribe to '{inbox}'", error.Message, StringComparison.Ordinal);
            }
            connection.Cut();
            await UntilAsync(() => link.Link.Counters.Losses == connections);
        }
    }

    [Fact]
    public async Task Who_may_not_pull_hears_it()
    {
        await using var server = await StartAsync("publish: { deny: [\"$JS.API.CONSUMER.MSG.NEXT.>\"] }");
        await using var transport = Open(server, keeps: true);
        await using var messages = transport.Read("open/a");
        var error = await Assert.ThrowsAsync<TransportException>(() => Patiently(messages.MoveNextAsync().AsTask()));
        Assert.Contains("not permitted to publish to '$JS.API.CONSUMER.MSG.NEXT.", error.Message, StringComparison.Ordinal);
    }

    private static Task<RealNats> StartAsync(string permissions) => RealNats.StartAsync(new()
    {
        JetStream = true,
        More = [$"authorization {{ users: [ {{ user: u, password: p, permissions: {{ {permissions} }} }} ] }}"],
    });

    private static NatsTransport Open(RealNats server, bool keeps) => new(Options(server, keeps));

    private static NatsOptions Options(RealNats server, bool keeps) => new()
    {
        Servers = [server.Uri],
        Credentials = _ => ValueTask.FromResult(new NatsCredentials("u", "p")),
        Keep = keeps ? new() { Stream = "kept", Topics = [new("open/#"), new("secret/#")] } : null,
    };
}
