using System.Text.Json;
using System.Threading.Channels;

namespace StreamLearn.Nats.Tests;

/// <summary>What a client has published: a request, a pull or an acknowledgement.</summary>
internal sealed record ScriptedRequest(string Subject, string Reply, string Text)
{
    internal bool IsPull => Subject.StartsWith("$JS.API.CONSUMER.MSG.NEXT.", StringComparison.Ordinal);
    internal bool IsAnswer => Subject.StartsWith("$JS.ACK.", StringComparison.Ordinal);
    internal int Batch => Json.GetProperty("batch").GetInt32();
    internal JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Text);
}

/// <summary>A JetStream with one stream, of which a test says what it answers, delivers and leaves out. Pings alone it answers by
/// itself.</summary>
internal sealed class ScriptedJetStream : IAsyncDisposable
{
    private readonly ScriptedNatsConnection _connection;
    private readonly Channel<ScriptedRequest> _requests = Channel.CreateUnbounded<ScriptedRequest>();
    private readonly Channel<string> _pongs = Channel.CreateUnbounded<string>();
    private readonly SemaphoreSlim _sending = new(1);
    private string _id = "";
    private readonly Task _reading;
    private readonly Lock _gate = new();
    private int? _pingsHeld;
    private int _consumers;

    internal ScriptedJetStream(ScriptedNatsConnection connection, int consumers = 0)
    {
        (_connection, _consumers) = (connection, consumers);
        _reading = ReadAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _sending.Dispose();
    }

    /// <summary>True if the client has published something that was not taken.</summary>
    internal bool HasRequest => _requests.Reader.TryPeek(out _);
    internal Task<ScriptedRequest> NextAsync() => Patiently(_requests.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask());

    /// <summary>What the client has said of messages while other requests were waited for.</summary>
    internal List<ScriptedRequest> Earlier { get; } = [];

    /// <summary>What the client has published next apart from what it says of messages, where it is to a subject that begins as
    /// said.</summary>
    internal async Task<ScriptedRequest> NextAsync(string subject)
    {
        ScriptedRequest next;
        for (next = await NextAsync(); next.IsAnswer; next = await NextAsync()) { Earlier.Add(next); }
        Assert.StartsWith(subject, next.Subject, StringComparison.Ordinal);
        return next;
    }

    /// <summary>All that the client has published in answer to what was sent to it so far.</summary>
    internal async Task<List<ScriptedRequest>> AllAsync()
    {
        await SettleAsync();
        List<ScriptedRequest> all = [];
        while (_requests.Reader.TryRead(out var request)) { all.Add(request); }
        return all;
    }

    /// <summary>Done when the client has taken all that was sent to it, and what it then published has come.</summary>
    internal async Task SettleAsync()
    {
        await SendAsync("PING\r\n");
        await Patiently(_pongs.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask());
    }

    /// <summary>Answers no ping until it is released: what the client waits for so is under way.</summary>
    internal void HoldPongs() { lock (_gate) { _pingsHeld ??= 0; } }

    /// <summary>Answers the pings that were held, and those to come.</summary>
    internal async Task ReleasePongsAsync()
    {
        int held;
        lock (_gate) { (held, _pingsHeld) = (_pingsHeld ?? 0, null); }
        for (; held > 0; held--) { await SendAsync("PONG\r\n"); }
    }

    internal Task AnswerAsync(ScriptedRequest request, string text) =>
        SendAsync($"MSG {request.Reply} {_connection.IdOf(request.Reply)} {Encoding.UTF8.GetByteCount(text)}\r\n{text}\r\n");

    internal async Task AnswerStreamAsync(long last = 0, long first = 0, int replicas = 1)
    {
        await AnswerAsync(await NextAsync("$JS.API.STREAM.INFO.S"),
            $$$"""
            {"config":{"name":"S","duplicate_window":120000000000,"num_replicas":{{{replicas}}}},"created":"2026-01-01T00:00:00Z",
            "state":{"first_seq":{{{first}}},"last_seq":{{{last}}}}}
            """);
    }

    /// <summary>Creates a consumer with the next name C1, C2, ….</summary>
    internal async Task<JsonElement> CreateAsync(int pending = 0)
    {
        var request = await NextAsync("$JS.API.CONSUMER.CREATE.S");
        await AnswerAsync(request, Consumer($"C{++_consumers}", pending));
        return request.Json.GetProperty("config");
    }

    /// <summary>Answers that the consumer is there.</summary>
    internal async Task AnswerConsumerAsync(int floor = 0, int delivered = 0, int unacknowledged = 0)
    {
        await AnswerAsync(await NextAsync($"$JS.API.CONSUMER.INFO.S.C{_consumers}"),
            Consumer($"C{_consumers}", 0, $$$"""
                ,"delivered":{"consumer_seq":9,"stream_seq":{{{delivered}}}},"ack_floor":{"consumer_seq":9,"stream_seq":{{{floor}}}}
                ,"num_ack_pending":{{{unacknowledged}}}
                """));
    }

    /// <summary>Answers which message there is from a number on.</summary>
    internal async Task<int> AnswerMessageAsync(int? there, string time = "2023-11-14T22:13:20Z")
    {
        var request = await NextAsync("$JS.API.STREAM.MSG.GET.S");
        await AnswerAsync(request, there is null
            ? """{"error":{"code":404,"err_code":10037,"description":"no message found"}}"""
            : $$$"""{"message":{"subject":"s.x","seq":{{{there}}},"data":"MQ==","time":"{{{time}}}"}}""");
        return request.Json.GetProperty("seq").GetInt32();
    }

    internal async Task DeleteAsync() =>
        await AnswerAsync(await NextAsync($"$JS.API.CONSUMER.DELETE.S.C{_consumers}"), """{"success":true}""");

    internal async Task<ScriptedRequest> PullAsync()
    {
        var pull = await NextAsync($"$JS.API.CONSUMER.MSG.NEXT.S.C{_consumers}");
        Assert.True(pull.IsPull);
        return pull;
    }

    /// <summary>Delivers a message to whoever pulls.</summary>
    internal Task DeliverAsync(int sequence, int ofConsumer, int delivered = 1, int pending = 9) =>
        DeliverAsync($"$JS.ACK.S.C{_consumers}.{delivered}.{sequence}.{ofConsumer}.1700000000000000000.{pending}", $"{sequence}");

    internal Task DeliverAsync(string ack, string text, string headers = "", string subject = "s.x") => SendAsync(headers.Length == 0
        ? $"MSG {subject} {_id} {ack} {text.Length}\r\n{text}\r\n"
        : $"HMSG {subject} {_id} {ack} {headers.Length} {headers.Length + text.Length}\r\n{headers}{text}\r\n");

    internal Task SayAsync(ScriptedRequest pull, string status, string more = "")
    {
        var headers = $"NATS/1.0 {status}\r\n{more}\r\n";
        return SendAsync($"HMSG {pull.Reply} {_id} {headers.Length} {headers.Length}\r\n{headers}\r\n");
    }

    private static string Consumer(string name, int pending, string more = "") =>
        $$$"""
        {"stream_name":"S","name":"{{{name}}}","config":{"ack_policy":"explicit","filter_subject":"s.x"},
        "num_pending":{{{pending}}}{{{more}}}}
        """;

    private async Task SendAsync(string text)
    {
        await _sending.WaitAsync(TestContext.Current.CancellationToken);
        try { await _connection.SendAsync(text); }
        finally { _sending.Release(); }
    }

    private bool IsPongHeld()
    {
        lock (_gate)
        {
            if (_pingsHeld is { } held) { _pingsHeld = held + 1; }
            return _pingsHeld is not null;
        }
    }

    private async Task ReadAsync()
    {
        while (await _connection.LineAsync() is { Length: > 0 } line)
        {
            var words = line.Split(' ');
            switch (words[0])
            {
                case "PING" when IsPongHeld(): break;
                case "PING": await SendAsync("PONG\r\n"); break;
                case "PONG": _pongs.Writer.TryWrite(line); break;
                case "SUB": _id = words[^1]; break;
                case "PUB":
                    _requests.Writer.TryWrite(new(words[1], words.Length > 3 ? words[2] : "", await _connection.LineAsync()));
                    break;
                default: break;
            }
        }
    }
}
