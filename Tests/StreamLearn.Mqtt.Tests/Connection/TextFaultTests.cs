namespace StreamLearn.Mqtt.Tests;

/// <summary>What cannot be sent as it stands is refused where it is said, with the name of the field, and nothing is replaced.</summary>
public sealed class TextFaultTests
{
    private const string Half = "a\ud800b";
    private static readonly MqttCredentials Known = new("u", default);

    public static TheoryData<string, Action<string>> Fields => new()
    {
        { "topic", static text => _ = new Topic(text) },
        { "response topic", static text => _ = new MessageProperties { ResponseTopic = text } },
        { "content type", static text => _ = new MessageProperties { ContentType = text } },
        { "user property's name", static text => _ = new MessageProperties { User = [new(text, "v")] } },
        { "user property's value", static text => _ = new MessageProperties { User = [new("n", text)] } },
        { "ClientId", static text => _ = new MqttTransport(new() { ClientId = text }) },
        { "user name", static text => _ = new MqttCredentials(text, default) },
        { "user name", static text => _ = Known with { UserName = text } },
    };

    [Theory]
    [MemberData(nameof(Fields))]
    public void A_text_that_is_none_is_refused_with_its_field(string field, Action<string> use)
    {
        foreach (var text in new[] { Half, "\udc00", "a\ud800", "\udc00\ud800", "a\0" })
        {
            Assert.Contains(field, Assert.Throws<ArgumentException>(() => use(text)).Message, StringComparison.Ordinal);
        }
        use("pair \ud83d\ude00");
    }

    [Fact]
    public void Credentials_that_are_too_long_are_refused_and_not_told()
    {
        var most = new string('s', MqttCredentials.MaxBytes);
        var name = Assert.Throws<ArgumentException>(() => new MqttCredentials(most + "s", default));
        var password = Assert.Throws<ArgumentException>(() => new MqttCredentials("u", Encoding.UTF8.GetBytes(most + "s")));
        Assert.Contains("a user name of at most 65535 bytes, got 65536", name.Message, StringComparison.Ordinal);
        Assert.Contains("a password of at most 65535 bytes, got 65536", password.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("sss", name.Message + password.Message, StringComparison.Ordinal);
        Assert.Equal(MqttCredentials.MaxBytes, new MqttCredentials(most, Encoding.UTF8.GetBytes(most)).Password.Length);
        Assert.Throws<ArgumentException>(() => new MqttTransport(new() { Server = new($"mqtt://{most}s@host") }));
    }

    [Fact]
    public async Task A_login_that_cannot_be_sent_ends_the_transport_and_says_which_part_is_wrong()
    {
        await using var server = new ScriptedServer();
        foreach (var (login, expected) in new (Func<MqttCredentials>, string)[]
        {
            (static () => new("u", new byte[MqttCredentials.MaxBytes + 1]), "no login: the password has more than 65535 bytes"),
            (static () => new(Half, default), "no login: the user name is not text, or has more than 65535 bytes"),
        })
        {
            await using var transport = new MqttTransport(new() { Server = server.Uri, Credentials = _ => new(login()) });
            var failure = await Assert.ThrowsAsync<TransportException>(
                () => ScriptedServer.Patiently(transport.PublishAsync("a", default, default, Cancellation).AsTask()));
            Assert.Equal((expected, false), (failure.Message, failure.IsTransient));
        }
        Assert.False(server.HasPending);
    }

    [Fact]
    public async Task What_was_never_given_is_named()
    {
        await using var transport = new MqttTransport(new());
        var topic = await Assert.ThrowsAsync<ArgumentException>(
            async () => await transport.PublishAsync(default, default, default, Cancellation));
        var filter = Assert.Throws<ArgumentException>(() => transport.SubscribeAsync(default, new(), Cancellation));
        Assert.StartsWith("expected a topic, got default(Topic)", topic.Message, StringComparison.Ordinal);
        Assert.StartsWith("expected a topic filter, got default(Topic)", filter.Message, StringComparison.Ordinal);
    }
}
