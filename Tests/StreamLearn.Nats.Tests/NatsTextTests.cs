using System.Text.Json;

namespace StreamLearn.Nats.Tests;

/// <summary>Secrets that are not written, and words of a server that do not steer a terminal.</summary>
public sealed class NatsTextTests
{
    [Fact]
    public void Credentials_are_written_as_JSON_without_secrets()
    {
        var json = JsonSerializer.Serialize(new NatsCredentials("reader", "marked-1", "marked-2") { Seed = "marked-3", Jwt = "marked-4" });
        Assert.Contains("reader", json, StringComparison.Ordinal);
        Assert.DoesNotContain("marked", json, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_and_the_last_fault_have_no_control_characters()
    {
        const string Words = "{\"error\":{\"code\":*,\"err_code\":1,\"description\":\"\\u001b[2Jgone\\n\"}}";
        await using var server = new ScriptedNats();
        await using var link = new TestLink(new() { Servers = [server.Uri] });
        var publishing = link.PublishAsync("a");
        await using var connection = await server.AcceptAsync();
        await AnswerAsync("503");
        await UntilAsync(() => link.LastFault.Length > 0);
        Assert.Equal("'a' waits: ·[2Jgone· (503, 1)", link.LastFault);
        await AnswerAsync("400");

        var refused = await Assert.ThrowsAsync<TransportException>(() => Patiently(publishing));
        Assert.Equal("a: ·[2Jgone· (400, 1)", refused.Message);
        await connection.SendAsync("-ERR 'Permissions Violation \u0085'\r\n");
        await UntilAsync(() => link.LastFault.StartsWith("Perm", StringComparison.Ordinal));
        Assert.Equal("Permissions Violation ·", link.LastFault);

        async Task AnswerAsync(string code)
        {
            var reply = await connection.PublishedAsync();
            var words = Words.Replace("*", code, StringComparison.Ordinal);
            await connection.SendAsync(reply, words);
        }
    }
}
