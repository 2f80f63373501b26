using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Aggregator.Tests;

public sealed partial class DashboardServerTests : IAsyncLifetime
{
    private static readonly string[] Files =
        ["", "style.css", "dashboard.css", "dashboard.js", "charts.js", "favicon.svg", "uplot.js", "uplot.css"];

    private static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    private readonly FleetRecord _record = new(Rounds.Facts);
    private readonly HttpClient _client = new();
    private StatusFeed _feed = null!;
    private DashboardServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _feed = new(_record.At(new(), Rounds.Start));
        _server = await StartAsync(0);
        _client.BaseAddress = _server.Address;
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Every_answer_forbids_what_is_not_of_this_program()
    {
        foreach (var path in Files.Append("status.json").Append("nothing"))
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
        foreach (var path in Files.Where(static f => !f.StartsWith("uplot", StringComparison.Ordinal)))
        {
            var text = (await _client.GetStringAsync(path, Stop)).Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal);
            Assert.DoesNotContain("//", Comment().Replace(text, ""), StringComparison.Ordinal);
            Assert.DoesNotContain("innerHTML", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_status_is_the_newest()
    {
        _record.Add(Rounds.Of(7, 1, ["a"]));
        _feed.Show(_record.At(Rounds.Counted(1), Rounds.Start));

        using var status = JsonDocument.Parse(await _client.GetStringAsync("status.json", Stop));

        Assert.Equal(7, status.RootElement.GetProperty("version").GetInt32());
        Assert.Equal(1, status.RootElement.GetProperty("devices").GetArrayLength());
    }

    [Theory]
    [InlineData("POST", "127.0.0.1", HttpStatusCode.MethodNotAllowed)]
    [InlineData("GET", "evil.example", HttpStatusCode.MisdirectedRequest)]
    [InlineData("GET", "localhost", HttpStatusCode.OK)]
    [InlineData("HEAD", "[::1]:9", HttpStatusCode.OK)]
    public async Task Only_this_machine_reads(string method, string host, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(new(method), "status.json");
        request.Headers.Host = host;

        using var answer = await _client.SendAsync(request, Stop);

        Assert.Equal(expected, answer.StatusCode);
    }

    [Fact]
    public async Task A_reader_gets_the_whole_once_and_then_what_is_new()
    {
        _record.Add(Rounds.Of(1, 0, ["a", "b"]));
        _record.Add(new VersionScore(1, 0.5, 1));
        _feed.Show(_record.At(Rounds.Counted(2), Rounds.Start));
        using var reader = await ReaderAsync();

        using var first = await NextAsync(reader);
        _record.Add(Rounds.Of(2, 1, ["b"]));
        _record.Add(new VersionScore(2, 0.75, 0.5));
        _feed.Show(_record.At(Rounds.Counted(3), Rounds.Start + TimeSpan.FromSeconds(1)));
        using var second = await NextAsync(reader);

        Assert.Equal("2 from 0: 1", Summary(first));
        Assert.Equal("1 from 1: 2", Summary(second));
    }

    [Fact]
    public async Task Connections_that_ask_for_nothing_are_closed()
    {
        List<TcpClient> silent = [];
        for (var i = 0; i < 300; i++)
        {
            silent.Add(new());
            await silent[^1].ConnectAsync(IPAddress.Loopback, _server.Address.Port, Stop);
        }

        foreach (var connection in silent) { Assert.Equal(0, await ReadAsync(connection)); }

        Assert.Equal(HttpStatusCode.OK, (await _client.GetAsync("status.json", Stop)).StatusCode);
    }

    [Fact]
    public async Task Readers_are_bounded_and_those_that_go_make_room()
    {
        List<StreamReader> readers = [];
        for (var i = 0; i < StatusEvents.MaxReaders; i++) { readers.Add(await ReaderAsync()); }

        using (var refused = await _client.GetAsync("events", HttpCompletionOption.ResponseHeadersRead, Stop))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        }

        readers[0].Dispose();
        HttpStatusCode answer;
        do
        {
            using var again = await _client.GetAsync("events", HttpCompletionOption.ResponseHeadersRead, Stop);
            answer = again.StatusCode;
        }
        while (answer != HttpStatusCode.OK);

        Assert.Equal(HttpStatusCode.OK, answer);
        readers.ForEach(static r => r.Dispose());
    }

    [Fact]
    public async Task A_reader_that_never_reads_holds_nobody()
    {
        using var silent = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 1024 };
        await silent.ConnectAsync(IPAddress.Loopback, _server.Address.Port, Stop);
        await silent.SendAsync(Encoding.ASCII.GetBytes("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n"), Stop);
        using var reader = await ReaderAsync();
        (await NextAsync(reader)).Dispose();

        for (var version = 1; version <= 400; version++)
        {
            _record.Add(Rounds.Of(version, version, Enumerable.Range(0, 1000).Select(static d => $"device-{d}")));
            _feed.Show(_record.At(Rounds.Counted(version), Rounds.Start + TimeSpan.FromSeconds(version)));
        }

        int seen;
        var messages = 0;
        do
        {
            using var message = await NextAsync(reader);
            seen = message.RootElement.GetProperty("version").GetInt32();
            messages++;
        }
        while (seen < 400);

        Assert.InRange(messages, 1, 100);       // it gets the newest, not all
    }

    [Fact]
    public async Task An_address_in_use_is_refused() => await Assert.ThrowsAsync<PageUnavailableException>(
        () => StartAsync(_server.Address.Port));

    [GeneratedRegex(@"(?m)(^|\s)// .*$")]
    private static partial Regex Comment();

    private static string Summary(JsonDocument message)
    {
        var scores = message.RootElement.GetProperty("scores");
        return $"{message.RootElement.GetProperty("devices").GetArrayLength()} from {scores.GetProperty("from").GetInt32()}: "
            + string.Join(' ', scores.GetProperty("version").EnumerateArray());
    }

    private static async Task<int> ReadAsync(TcpClient connection)
    {
        using (connection)
        {
            try { return await connection.GetStream().ReadAsync(new byte[1], Stop); }
            catch (IOException) { return 0; }
        }
    }

    private Task<DashboardServer> StartAsync(int port) =>
        DashboardServer.StartAsync(new(IPAddress.Loopback, port), ending => new DashboardPages(_feed, ending).AnswerAsync);

    private async Task<StreamReader> ReaderAsync()
    {
        var answer = await _client.GetAsync("events", HttpCompletionOption.ResponseHeadersRead, Stop);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType!.MediaType);
        return new(await answer.Content.ReadAsStreamAsync(Stop));
    }

    private static async Task<JsonDocument> NextAsync(StreamReader reader)
    {
        string? line;
        do { line = await reader.ReadLineAsync(Stop); } while (line is not null && !line.StartsWith("data: ", StringComparison.Ordinal));
        return JsonDocument.Parse(line!["data: ".Length..]);
    }
}
