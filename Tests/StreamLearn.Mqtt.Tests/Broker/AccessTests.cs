using System.Collections.Immutable;
using static StreamLearn.Mqtt.Tests.BrokerTransportTests;

namespace StreamLearn.Mqtt.Tests;

/// <summary>Who may connect, and what each may do.</summary>
public sealed class AccessTests
{
    private static readonly ImmutableArray<MqttBrokerLogin> Logins =
    [
        new("pump-1", "one"u8) { Publish = ["sl/p/pump-1/up/#"], Subscribe = ["sl/p/down/pump-1/#"] },
        new("pump-2", "two"u8) { Publish = ["sl/p/pump-2/up/#"], Subscribe = ["sl/p/down/pump-2/#"] },
        new("edge", "all"u8) { Publish = ["sl/p/down/#"], Subscribe = ["sl/p/+/up/#"] },
    ];

    [Theory, InlineData("pump-1", "wrong"), InlineData("nobody", "one"), InlineData("", "")]
    public async Task Who_has_no_login_is_not_let_in(string user, string password)
    {
        await using var broker = await StartAsync(new() { Logins = Logins });
        await using var transport = Transport(broker, user, password);
        var refused = await Assert.ThrowsAsync<TransportException>(() => PublishAsync(transport, "sl/p/pump-1/up/delta", "x"));
        Assert.Contains("BadUserNameOrPassword", refused.Message, StringComparison.Ordinal);
        Assert.InRange(broker.Status.LoginsRefused, 1, long.MaxValue);
    }

    /// <summary>As mosquitto_sub and mosquitto_pub connect, of which several may at once.</summary>
    [Fact]
    public async Task Clients_of_3_1_1_without_a_name_are_let_in_and_are_several()
    {
        const string Nameless = "10 0C 00 04 4D 51 54 54 04 02 00 00 00 00";
        await using var broker = await StartAsync(new());
        using var first = await RawClient.ConnectAsync(broker.EndPoint, Nameless);
        using var second = await RawClient.ConnectAsync(broker.EndPoint, Nameless);
        foreach (var client in new[] { first, second })
        {
            await client.SendAsync("C0 00");
            await client.UntilSentAsync("D0 00");
        }
    }

    [Theory, InlineData(MqttVersion.V5), InlineData(MqttVersion.V311)]
    public async Task A_device_publishes_below_its_own_level_alone(MqttVersion version)
    {
        await using var broker = await StartAsync(new() { Logins = Logins });
        await using var edge = Transport(broker, "edge", "all");
        await using var pump = Transport(broker, "pump-1", "one", version);
        await using var messages = edge.SubscribeAsync("sl/p/+/up/delta", new(), Cancellation).GetAsyncEnumerator(Cancellation);

        await SubscribedAsync(edge);

        var refused = version == MqttVersion.V311 ? null
            : await Assert.ThrowsAsync<TransportException>(() => PublishAsync(pump, "sl/p/pump-2/up/delta", "forged"));
        await PublishAsync(pump, "sl/p/pump-1/up/delta", "own");

        Assert.Equal("own", await NextAsync(messages));
        if (refused is not null) { Assert.Contains("NotAuthorized", refused.Message, StringComparison.Ordinal); }
    }

    /// <summary>An answer of 3.1.1 cannot say that a message was refused: there is none, and the connection ends.</summary>
    [Fact]
    public async Task What_3_1_1_may_not_publish_is_not_confirmed()
    {
        await using var broker = await StartAsync(new() { Logins = Logins });
        await using var pump = Transport(broker, "pump-1", "one", MqttVersion.V311);
        var forged = PublishAsync(pump, "sl/p/pump-2/up/delta", "forged");
        await UntilAsync(() => broker.Status.RequestsRefused >= 2, () => broker.Status);
        Assert.False(forged.IsCompletedSuccessfully);
    }

    [Theory, InlineData("sl/p/down/pump-2/model"), InlineData("sl/p/down/+/model"), InlineData("sl/p/+/up/delta"), InlineData("#")]
    public async Task A_device_reads_what_is_for_it_alone(string filter)
    {
        await using var broker = await StartAsync(new() { Logins = Logins });
        await using var pump = Transport(broker, "pump-1", "one");
        await using var other = pump.SubscribeAsync(filter, new(), Cancellation).GetAsyncEnumerator(Cancellation);
        var refused = await Assert.ThrowsAsync<TransportException>(() => other.MoveNextAsync().AsTask());
        Assert.Contains("NotAuthorized", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>With other servers, who knows a client's name ends its session.</summary>
    [Fact]
    public async Task Nobody_takes_the_session_of_another_login()
    {
        await using var broker = await StartAsync(new() { Logins = Logins });
        await using var pump = Transport(broker, "pump-1", "one", client: "c");
        await PublishAsync(pump, "sl/p/pump-1/up/delta", "x");
        await using var thief = Transport(broker, "pump-2", "two", client: "c");
        await Assert.ThrowsAsync<TransportException>(() => PublishAsync(thief, "sl/p/pump-2/up/delta", "x"));
        await PublishAsync(pump, "sl/p/pump-1/up/delta", "y");
        Assert.Equal(1, pump.Status.Publishing.Connects);
    }

    [Fact]
    public async Task With_a_certificate_all_is_encrypted_and_others_are_not_served()
    {
        using var authority = new TestAuthority();
        await using var broker = await StartAsync(new() { Certificate = authority.ForServer("localhost"), Logins = Logins });
        var place = new Uri($"mqtts://localhost:{broker.EndPoint.Port}");
        await using var pump = new MqttTransport(new()
        {
            Server = place,
            TrustedRoots = authority.Roots,
            Credentials = static _ => ValueTask.FromResult(new MqttCredentials("pump-1", "one"u8.ToArray())),
        });
        await PublishAsync(pump, "sl/p/pump-1/up/delta", "x");

        using var plain = await RawClient.OpenAsync(broker.EndPoint, RawClient.Connect5);

        Assert.True(await plain.IsClosedAsync());
    }

    [Theory, InlineData(false, false), InlineData(true, false), InlineData(false, true)]
    public async Task Other_machines_need_a_certificate_and_a_login(bool certificate, bool login)
    {
        using var authority = new TestAuthority();
        var options = new MqttBrokerOptions
        {
            Listen = new(IPAddress.Any, 0),
            Certificate = certificate ? authority.ForServer("localhost") : null,
            Logins = login ? Logins : [],
        };
        var refused = await Assert.ThrowsAsync<ArgumentException>(() => MqttBroker.StartAsync(options));
        Assert.Contains("other machines can reach 0.0.0.0", refused.Message, StringComparison.Ordinal);
        await using var _ = await MqttBroker.StartAsync(options with { AllowInsecure = true });
    }

    [Theory, InlineData("a/#", "a", true), InlineData("a/#", "a/b/c", true), InlineData("a/+/c", "a/b/c", true)]
    [InlineData("a/+/#", "a/+/c", true), InlineData("#", "+/b", true), InlineData("a/#", "#", false), InlineData("a/+", "a/b/c", false)]
    [InlineData("a/+", "a/#", false), InlineData("a/b", "a/+", false), InlineData("a/b", "a", false), InlineData("a/+", "a", false)]
    public void A_filter_takes_in_another(string filter, string asked, bool expected) =>
        Assert.Equal(expected, TopicRights.Covers(filter, asked));

    [Fact]
    public void Options_print_who_may_connect_by_name_and_number_alone() => Assert.Equal("pump-1; 127.0.0.1:1883, no TLS, 3 logins",
        $"{Logins[0]}; {new MqttBrokerOptions { Logins = Logins }}");

    [Fact]
    public async Task Who_may_not_retain_publishes_all_the_same()
    {
        await using var broker = await StartAsync(new() { Logins = [new("pump", "one"u8) { Publish = ["a"], MayRetain = false }] });
        await using var pump = Transport(broker, "pump", "one");
        var refused = await Assert.ThrowsAsync<TransportException>(() => PublishAsync(pump, "a", "x", retain: true));
        Assert.Contains("NotAuthorized", refused.Message, StringComparison.Ordinal);
        await PublishAsync(pump, "a", "x");
    }

    private static MqttTransport Transport(
        MqttBroker broker, string user, string password, MqttVersion version = MqttVersion.V5, string client = "") => new(new()
        {
            Server = broker.Uri,
            Version = version,
            ClientId = client,
            Credentials = user.Length == 0 ? null : _ => ValueTask.FromResult(new MqttCredentials(user, Encoding.UTF8.GetBytes(password))),
        });
}
