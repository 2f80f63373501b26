using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace TauDemo.Tests;

/// <summary>The page over HTTP: a real server on a free port.</summary>
public sealed partial class DemoServerTests : IAsyncLifetime
{
    private static readonly string[] Files =
        ["", "dashboard.css", "demo.css", "demo.js", "charts.js", "favicon.svg", "uplot.js", "uplot.css", "digits"];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    private readonly HttpClient _client = new() { Timeout = Patience };
    private ShownSession _shown = null!;

    public async ValueTask InitializeAsync()
    {
        _shown = await ShownSession.OpenAsync();
        _client.BaseAddress = _shown.Address;
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _shown.DisposeAsync();
    }

    [Fact]
    public async Task Every_answer_forbids_what_is_not_of_this_program()
    {
        foreach (var path in Files.Append("nothing"))
        {
            using var answer = await _client.GetAsync(path, Stop);
            Assert.Equal(path == "nothing" ? HttpStatusCode.NotFound : HttpStatusCode.OK, answer.StatusCode);
            Assert.StartsWith("default-src 'self';",
                Assert.Single(answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
            Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
            Assert.True(answer.Headers.CacheControl!.NoStore);
            Assert.False(answer.Headers.Contains("Server"));
        }
    }

    [Fact]
    public async Task Files_of_the_page_name_nothing_outside_it()
    {
        foreach (var path in Files.Where(static f => !f.StartsWith("uplot", StringComparison.Ordinal) && f != "digits"))
        {
            var text = (await _client.GetStringAsync(path, Stop)).Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal);
            Assert.DoesNotContain("//", Comment().Replace(text, ""), StringComparison.Ordinal);
            Assert.DoesNotContain("innerHTML", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_reader_gets_all_rounds_so_far_and_then_each_as_it_comes()
    {
        using (var early = await ReaderAsync())
        {
            for (var next = 0; next < 5;) { next = await NextAsync(early, next); }
        }

        using var late = await ReaderAsync();
        for (var next = 0; next < 7;) { next = await NextAsync(late, next); }
    }

    [Fact]
    public async Task The_digits_are_those_that_are_judged()
    {
        using var digits = JsonDocument.Parse(await _client.GetStringAsync("digits", Stop));
        var list = digits.RootElement.GetProperty("digits").EnumerateArray().ToList();
        using var reader = await ReaderAsync();
        JsonElement rounds;
        do { rounds = (await MessageAsync(reader)).GetProperty("rounds"); }
        while (rounds.GetArrayLength() == 0);

        Assert.Equal(Enumerable.Range(0, 20).Select(static i => i / 2), list.Select(static d => d.GetProperty("digit").GetInt32()));
        Assert.All(list, static d => Assert.Equal(28 * 28, d.GetProperty("gray").GetBytesFromBase64().Length));
        Assert.Equal(list.Select(static d => d.GetProperty("index").GetInt32()),
            rounds[0].GetProperty("predictions").EnumerateArray().Select(static p => p.GetProperty("index").GetInt32()));
    }

    [Theory]
    [InlineData("""{"command": "set-case", "value": 5}""", "expected a case of 1 to 4")]
    [InlineData("""{"command": "set-delay", "value": -1}""", "expected a delay of 0 to 60000 ms")]
    [InlineData("""{"command": "set-pace", "value": "faster"}""", "expected a pace: fast, slow or pause")]
    [InlineData("""{"command": "stop"}""", "expected a command: set-case, set-delay, set-pace or run-again")]
    [InlineData("{", """expected {"command": NAME, "value": NUMBER OR PACE}""")]
    public async Task Bad_commands_get_400_with_the_reason(string json, string reason)
    {
        using var answer = await PostAsync(json);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(reason + "\n", await answer.Content.ReadAsStringAsync(Stop));
    }

    [Fact]
    public async Task Long_requests_get_400_and_very_long_ones_no_reading()
    {
        using var answer = await PostAsync("""{"command": "set-case", "value": 2}""" + new string(' ', 300));
        using var longer = await PostAsync(new string(' ', 100_000));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, longer.StatusCode);
    }

    [Theory]
    [InlineData("Origin", "http://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("Origin", "null", HttpStatusCode.Forbidden)]
    [InlineData("Sec-Fetch-Site", "cross-site", HttpStatusCode.Forbidden)]
    [InlineData("Sec-Fetch-Site", "same-site", HttpStatusCode.Forbidden)]
    [InlineData("Host", "evil.example", HttpStatusCode.MisdirectedRequest)]
    [InlineData("Sec-Fetch-Site", "same-origin", HttpStatusCode.NoContent)]
    public async Task Pages_of_other_sites_cannot_command(string header, string value, HttpStatusCode expected)
    {
        using var answer = await PostAsync("""{"command": "set-delay", "value": 1}""", (header, value));

        Assert.Equal(expected, answer.StatusCode);
    }

    [Fact]
    public async Task A_form_cannot_command()
    {
        using var answer = await PostAsync("""{"command": "set-delay", "value": 1}""", type: "text/plain");
        using var got = await _client.GetAsync("commands", Stop);
        using var posted = await _client.PostAsync("", null, Stop);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, got.StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, posted.StatusCode);
    }

    [Fact]
    public async Task A_pause_holds_and_commands_that_come_in_it_act_after_it()
    {
        (await PostAsync("""{"command": "set-pace", "value": "pause"}""")).Dispose();
        using var reader = await ReaderAsync();
        await UntilAsync(reader, static m => m.GetProperty("pace").GetString() == "pause");
        var count = _shown.Session.Newest.View.Next;
        (await PostAsync("""{"command": "set-case", "value": 2}""")).Dispose();
        await UntilAsync(reader, static m => m.GetProperty("case").GetInt32() == 2);
        Assert.Equal(count, _shown.Session.Newest.View.Next);

        (await PostAsync("""{"command": "set-pace", "value": "fast"}""")).Dispose();
        var message = await UntilAsync(reader, m =>
            m.GetProperty("from").GetInt32() + m.GetProperty("rounds").GetArrayLength() > count + 1);

        Assert.Equal(2, message.GetProperty("rounds").EnumerateArray().Last().GetProperty("case").GetInt32());
    }

    private async Task<HttpResponseMessage> PostAsync(
        string json, (string Name, string Value)? header = null, string type = "application/json")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "commands") { Content = new StringContent(json, Encoding.UTF8, type) };
        if (header is { } given) { request.Headers.TryAddWithoutValidation(given.Name, given.Value); }
        return await _client.SendAsync(request, Stop);
    }

    private async Task<StreamReader> ReaderAsync() => new(await _client.GetStreamAsync("events", Stop));

    private static async Task<JsonElement> UntilAsync(StreamReader reader, Func<JsonElement, bool> condition)
    {
        while (true)
        {
            var message = await MessageAsync(reader);
            if (condition(message)) { return message; }
        }
    }

    /// <summary>Checks that a message begins with the round that is awaited, and gives the one after it.</summary>
    private static async Task<int> NextAsync(StreamReader reader, int awaited)
    {
        var message = await MessageAsync(reader);
        Assert.Equal(awaited, message.GetProperty("from").GetInt32());
        foreach (var round in message.GetProperty("rounds").EnumerateArray())
        {
            Assert.Equal(++awaited, round.GetProperty("version").GetInt32());
        }

        return awaited;
    }

    private static async Task<JsonElement> MessageAsync(StreamReader reader)
    {
        const string Data = "data: ";
        while (true)
        {
            var line = await reader.ReadLineAsync(Stop).AsTask().WaitAsync(Patience, TimeProvider.System, Stop);
            Assert.NotNull(line);
            if (!line.StartsWith(Data, StringComparison.Ordinal)) { continue; }
            using var document = JsonDocument.Parse(line[Data.Length..]);
            return document.RootElement.Clone();
        }
    }

    [GeneratedRegex(@"(?<=^|\s)// .*$", RegexOptions.Multiline)]
    private static partial Regex Comment();
}
