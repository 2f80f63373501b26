using System.Collections.Immutable;
using System.Text.Json;

namespace StreamLearn.Mqtt.Tests;

/// <summary>Passwords do not come out of the transport.</summary>
public sealed class SecretsTests
{
    private const string Password = "correct-horse", User = "pump-user";

    [Fact]
    public void Options_print_without_secrets()
    {
        var options = new MqttOptions
        {
            Server = new($"mqtt://{User}:{Password}@localhost"),
            Credentials = _ => ValueTask.FromResult(new MqttCredentials(User, Encoding.UTF8.GetBytes(Password))),
            Will = new(new("plant/will"), Encoding.UTF8.GetBytes(Password)),
        };
        Assert.DoesNotContain(Password, options.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(User, options.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Password, new MqttCredentials(User, Encoding.UTF8.GetBytes(Password)).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_transport_and_a_graph_print_without_secrets()
    {
        await using var transport = new MqttTransport(new() { Server = new($"mqtt://{User}:{Password}@localhost") });
        Assert.DoesNotContain(Password, transport.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Password, transport.Name, StringComparison.Ordinal);
        Assert.DoesNotContain(User, transport.Name, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password_is_refused_and_not_told()
    {
        await using var mosquitto = await Mosquitto.StartAsync(new() { Users = Users("right") });
        var server = new UriBuilder(mosquitto.Uri) { UserName = User, Password = Password }.Uri;
        await using var transport = new MqttTransport(new() { Server = server, InitialReconnectDelay = TimeSpan.FromMilliseconds(1) });
        var failure = await Assert.ThrowsAsync<TransportException>(() => ScriptedServer.Patiently(
            transport.PublishAsync(new("plant/level"), new(new byte[1]), new(new("test", 0)), Cancellation).AsTask()));
        Assert.Contains("refused the connection: NotAuthorized", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Credentials_are_written_as_JSON_without_the_password()
    {
        var json = JsonSerializer.Serialize(new MqttCredentials(User, Encoding.UTF8.GetBytes(Password)));
        Assert.Equal($"{{\"UserName\":\"{User}\"}}", json);
    }

    [Fact]
    public async Task Credentials_are_asked_for_at_every_connect()
    {
        await using var mosquitto = await Mosquitto.StartAsync(new() { Users = Users(Password) });
        await using var proxy = new FaultProxy(mosquitto.Port);
        var asked = 0;
        await using var transport = new MqttTransport(new()
        {
            Server = proxy.Uri,
            InitialReconnectDelay = TimeSpan.FromMilliseconds(1),
            Credentials = _ => ValueTask.FromResult(new MqttCredentials(User, Encoding.UTF8.GetBytes(asked++ >= 0 ? Password : ""))),
        });
        await PublishAsync();
        proxy.Cut();
        await PublishAsync();

        Assert.Equal(2, asked);

        Task PublishAsync() => ScriptedServer.Patiently(
            transport.PublishAsync(new("plant/level"), new(new byte[1]), new(new("test", 0)), Cancellation).AsTask());
    }

    [Fact]
    public async Task What_the_access_list_does_not_allow_is_not_taken_for_published()
    {
        await using var mosquitto = await Mosquitto.StartAsync(
            new() { Users = Users(Password), Access = [$"user {User}", "topic read plant/#"] });
        var server = new UriBuilder(mosquitto.Uri) { UserName = User, Password = Password }.Uri;
        await using var transport = new MqttTransport(new() { Server = server });
        var failure = await Assert.ThrowsAsync<TransportException>(() => ScriptedServer.Patiently(
            transport.PublishAsync(new("plant/level"), new(new byte[1]), new(new("test", 0)), Cancellation).AsTask()));
        Assert.DoesNotContain(Password, failure.ToString(), StringComparison.Ordinal);
    }

    private static ImmutableDictionary<string, string> Users(string password) =>
        ImmutableDictionary<string, string>.Empty.Add(User, password);
}
