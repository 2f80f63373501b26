namespace StreamLearn.Nats.Tests;

/// <summary>A stream that several make at once.</summary>
public sealed class RequireStreamTests
{
    private const string Missing = """{"error":{"code":404,"err_code":10059,"description":"stream not found"}}""";
    private const string Overlap = """{"error":{"code":400,"err_code":10065,"description":"subjects overlap with an existing stream"}}""";
    private const string There = """{"config":{"name":"S"},"created":"2026-01-01T00:00:00Z","state":{}}""";

    [Fact]
    public async Task One_whose_subjects_are_taken_before_it_is_found_is_looked_for_again()
    {
        await using var server = new ScriptedNats();
        await using var link = new TestLink(new() { Servers = [server.Uri] });
        var requiring = link.Api.RequireStreamAsync(new("S", ["s.x"]), Cancellation);
        await using var stream = new ScriptedJetStream(await server.AcceptAsync(",\"jetstream\":true"));
        await stream.AnswerAsync(await stream.NextAsync("$JS.API.STREAM.INFO.S"), Missing);
        await stream.AnswerAsync(await stream.NextAsync("$JS.API.STREAM.CREATE.S"), Overlap);
        await stream.AnswerAsync(await stream.NextAsync("$JS.API.STREAM.INFO.S"), There);
        Assert.Equal("S", (await Patiently(requiring)).Config.Name);
    }

    [Fact]
    public async Task One_whose_subjects_another_stream_has_is_refused_after_some_tries()
    {
        await using var server = new ScriptedNats();
        await using var link = new TestLink(new() { Servers = [server.Uri] });
        var requiring = link.Api.RequireStreamAsync(new("S", ["s.x"]), Cancellation);
        await using var stream = new ScriptedJetStream(await server.AcceptAsync(",\"jetstream\":true"));
        for (var tries = 0; tries < 5; tries++)
        {
            await stream.AnswerAsync(await stream.NextAsync("$JS.API.STREAM.INFO.S"), Missing);
            await stream.AnswerAsync(await stream.NextAsync("$JS.API.STREAM.CREATE.S"), Overlap);
        }
        var refusal = await Assert.ThrowsAsync<NatsJSApiException>(() => Patiently(requiring));
        Assert.Contains("subjects overlap", refusal.Message, StringComparison.Ordinal);
    }
}
