using System.Buffers;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace StreamLearn.Testing;

/// <summary>Checks the contract of every transport.</summary>
/// <remarks> Published bytes arrive unchanged at exactly the subscriptions whose filter matches, in publisher order, without loss for slow
/// readers. The publisher owns its memory again after the call; the reader's memory stays readable until the message is disposed. Canceled
/// subscriptions end without an exception. Pipelines get envelopes unchanged. Each rule (<see cref="Rules"/>) is checked with its own
/// transport. </remarks>
public static class TransportContract
{
    private static long _published;

    private static readonly FrozenDictionary<string, Func<ITransport, CancellationToken, Task>> Checks =
        new Dictionary<string, Func<ITransport, CancellationToken, Task>>
        {
            ["delivers"] = DeliversAsync,
            ["properties"] = PropertiesAsync,
            ["filters"] = FiltersAsync,
            ["order"] = OrderAsync,
            ["memory"] = MemoryAsync,
            ["retained"] = RetainedAsync,
            ["refused"] = RefusedAsync,
            ["canceled"] = CanceledAsync,
            ["disposed"] = DisposedAsync,
            ["pipeline"] = PipelineAsync,
            ["malformed"] = MalformedAsync,
        }.ToFrozenDictionary();

    /// <summary>The rules: <c>delivers</c>, <c>properties</c> (of messages), <c>filters</c>, <c>order</c>, <c>memory</c>, <c>retained</c>,
    /// <c>refused</c>, <c>canceled</c>, <c>disposed</c>, <c>pipeline</c> (an envelope passes), <c>malformed</c> (bytes without a valid
    /// envelope). Omit <c>retained</c> for transports that retain nothing, <c>properties</c> for those of bytes only.</summary>
    public static ImmutableArray<string> Rules { get; } = [.. Checks.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Checks a rule with a new transport, then disposes it.</summary>
    /// <param name="rule">One of <see cref="Rules"/>.</param>
    /// <param name="transport">The transport, which may be unconnected.</param>
    /// <param name="patience">Time limit of the rule; default 30 s.</param>
    /// <exception cref="TransportContractException">The transport breaks the rule.</exception>
    /// <exception cref="ArgumentException">There is no such rule.</exception>
    public static async Task CheckAsync(string rule, ITransport transport, TimeSpan? patience = null)
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(transport);
        if (!Checks.TryGetValue(rule, out var check))
        {
            throw new ArgumentException($"expected one of {string.Join(", ", Rules)}, got '{rule}'", nameof(rule));
        }

        var time = patience ?? TimeSpan.FromSeconds(30);
        using var late = new CancellationTokenSource(time, TimeProvider.System);
        await using var _ = transport.ConfigureAwait(false);
        try { await check(transport, late.Token).ConfigureAwait(false); }
        catch (Exception e) when (e is not TransportContractException)
        {
            var what = late.IsCancellationRequested ? $"it was not done within {time.TotalSeconds:0.#} s" : e.Message;
            throw new TransportContractException($"transport '{transport.Name}', {rule}: {what}", e);
        }
    }

    private static async Task DeliversAsync(ITransport transport, CancellationToken stop)
    {
        var reader = new Reader(transport, "contract/delivers", stop);
        await using var _ = reader.ConfigureAwait(false);
        var known = new HashSet<MessageOrigin>();
        foreach (var payload in new byte[][] { [1, 2, 3], new byte[100_000], [255] })
        {
            var publishing = PublishAsync(transport, "contract/delivers", payload, stop);
            var message = await reader.NextAsync().ConfigureAwait(false);
            Require(message.Topic == "contract/delivers", $"expected the topic 'contract/delivers', got '{message.Topic}'");
            Require(message.Payload.ToArray().AsSpan().SequenceEqual(payload), "expected the bytes that were published, got other bytes");
            Require(message.Origin.Source is null or "" || known.Add(message.Origin), $"expected {message.Origin} once, got it again");
            Require(!message.IsRetained, "expected a newly published message, got a retained one");
            End(message);
            await publishing.ConfigureAwait(false);     // completes when the peer confirms the reader's acknowledgment
        }
    }

    private static async Task PropertiesAsync(ITransport transport, CancellationToken stop)
    {
        var sent = new MessageProperties { User = [new("unit", "g"), new("unit", "ü")], ContentType = "text/plain" };
        var reader = new Reader(transport, "contract/properties", stop);
        await using var _ = reader.ConfigureAwait(false);
        var publishing = transport.PublishAsync("contract/properties", new([1]), new(NextOrigin()) { Properties = sent }, stop).AsTask();
        var message = await reader.NextAsync().ConfigureAwait(false);
        Require(Equals(message.Properties, sent), "expected the properties that were published, got other properties");
        End(message);
        await publishing.ConfigureAwait(false);
    }

    private static async Task FiltersAsync(ITransport transport, CancellationToken stop)
    {
        var all = new Reader(transport, "contract/filters/#", stop);
        await using var _ = all.ConfigureAwait(false);
        var level = new Reader(transport, "contract/filters/+/a", stop);
        await using var __ = level.ConfigureAwait(false);
        string[] topics = ["contract/filters/x/b", "contract/filters/x/a", "contract/filters/x/a/c", "contract/filters/y/a"];
        var publishing = PublishAllAsync(transport, topics.Select(static (topic, i) => (new Topic(topic), new[] { (byte)i })), stop);
        await Task.WhenAll(ExpectAsync(all, [0, 1, 2, 3]), ExpectAsync(level, [1, 3]), publishing).ConfigureAwait(false);

        async Task ExpectAsync(Reader reader, int[] expected)
        {
            Topic last = "contract/filters";
            foreach (var i in expected)
            {
                var message = await reader.NextAsync().ConfigureAwait(false);
                while (message.Topic == last)       // a message that matches two filters may arrive twice
                {
                    End(message);
                    message = await reader.NextAsync().ConfigureAwait(false);
                }

                last = message.Topic;
                Require(message.Topic == topics[i], $"expected '{topics[i]}' of '{reader.Filter}', got '{message.Topic}'");
                End(message);
            }
        }
    }

    private static async Task OrderAsync(ITransport transport, CancellationToken stop)
    {
        const int Messages = 200;
        var reader = new Reader(transport, "contract/order", stop, capacity: 8);
        await using var _ = reader.ConfigureAwait(false);
        var numbers = Enumerable.Range(0, Messages).Select(static i => (new Topic("contract/order"), BitConverter.GetBytes(i)));
        var publishing = PublishAllAsync(transport, numbers, stop);
        for (var i = 0; i < Messages; i++)
        {
            if (i % 50 == 0) { await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, stop).ConfigureAwait(false); }
            var message = await reader.NextAsync().ConfigureAwait(false);
            var got = BitConverter.ToInt32(message.Payload.ToArray());
            Require(got == i, $"expected message {i} of {Messages} beyond a capacity of 8, got {got}");
            End(message);
        }

        await publishing.ConfigureAwait(false);
    }

    private static async Task MemoryAsync(ITransport transport, CancellationToken stop)
    {
        var reader = new Reader(transport, "contract/memory", stop);
        await using var _ = reader.ConfigureAwait(false);
        var memory = new byte[64];
        var held = new List<Message>();
        for (byte i = 1; i <= 4; i++)
        {
            memory.AsSpan().Fill(i);
            var publishing = PublishAsync(transport, "contract/memory", memory, stop);
            held.Add(await reader.NextAsync().ConfigureAwait(false));
            held[^1].Acknowledge();
            await publishing.ConfigureAwait(false);
            memory.AsSpan().Clear();
        }

        for (byte i = 1; i <= 4; i++)
        {
            Require(held[i - 1].Payload.ToArray().AsSpan().IndexOfAnyExcept(i) < 0, "expected bytes that stay valid until disposed");
            held[i - 1].Dispose();
        }
    }

    private static async Task RetainedAsync(ITransport transport, CancellationToken stop)
    {
        foreach (byte i in new byte[] { 1, 2 })
        {
            await transport.PublishAsync("contract/retained", new([i]), new(NextOrigin(), Retain: true), stop).ConfigureAwait(false);
        }

        var reader = new Reader(transport, "contract/+", stop);
        await using var _ = reader.ConfigureAwait(false);
        var message = await reader.NextAsync().ConfigureAwait(false);
        Require(message is { IsRetained: true } && message.Payload.FirstSpan[0] == 2,
            "expected the newest message, retained, got another message");
        End(message);
    }

    private static async Task RefusedAsync(ITransport transport, CancellationToken stop)
    {
        var reader = new Reader(transport, "contract/refused", stop);
        await using var _ = reader.ConfigureAwait(false);
        var publishing = PublishAllAsync(transport, [("contract/refused", new byte[] { 1 }), ("contract/refused", new byte[] { 2 })], stop);
        var refused = await reader.NextAsync().ConfigureAwait(false);
        refused.Dispose();
        refused.Refuse("not wanted");
        Message message;
        do
        {
            message = await reader.NextAsync().ConfigureAwait(false);       // a refused message may be sent again
            End(message);
        }
        while (message.IsRedelivered);
        await publishing.ConfigureAwait(false);
    }

    private static async Task CanceledAsync(ITransport transport, CancellationToken stop)
    {
        using var never = new CancellationTokenSource();
        await never.CancelAsync().ConfigureAwait(false);
        await foreach (var message in transport.SubscribeAsync("contract/canceled", new(), never.Token).ConfigureAwait(false))
        {
            End(message);
            throw new TransportContractException("expected nothing from a subscription canceled before it started, got a message");
        }

        using var soon = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var reader = new Reader(transport, "contract/canceled", soon.Token);
        await using var _ = reader.ConfigureAwait(false);
        var publishing = PublishAsync(transport, "contract/canceled", [1], stop);
        End(await reader.NextAsync().ConfigureAwait(false));
        await publishing.ConfigureAwait(false);
        await soon.CancelAsync().ConfigureAwait(false);
        Require(await reader.HasEndedAsync().WaitAsync(stop).ConfigureAwait(false), "expected the end of a canceled subscription");
    }

    private static async Task DisposedAsync(ITransport transport, CancellationToken stop)
    {
        await transport.DisposeAsync().ConfigureAwait(false);
        try { await PublishAsync(transport, "contract/disposed", [1], stop).ConfigureAwait(false); }
        catch (ObjectDisposedException) { return; }

        throw new TransportContractException("expected ObjectDisposedException of a transport that was disposed, got none");
    }

    private static async Task PipelineAsync(ITransport transport, CancellationToken stop)
    {
        var numbers = Enumerable.Range(0, 50).Select(static i => i.ToString(CultureInfo.InvariantCulture)).ToArray();
        List<string> came = [];
        await RunAsync(transport, came, numbers, stop).ConfigureAwait(false);
        Require(came.SequenceEqual(numbers), $"expected 50 messages of a pipeline, in order, got {string.Join(' ', came)}");
    }

    private static async Task MalformedAsync(ITransport transport, CancellationToken stop)
    {
        List<string> came = [];
        var drops = await RunAsync(transport, came, ["good"], stop, before: [[], [1, 2, 3], new byte[200]]).ConfigureAwait(false);
        Require(came is ["good"], $"expected 'good' behind bytes without an envelope, got {string.Join(' ', came)}");
        Require(drops == 3, $"expected 3 messages dropped as malformed, got {drops}");
    }

    private static async Task<long> RunAsync(
        ITransport transport, List<string> came, string[] texts, CancellationToken stop, params byte[][] before)
    {
        Topic topic = "sl/contract/a/up/texts";
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var receiver = Pipeline.Define("receiver", p => p.Subscribe(transport, topic, TextBytes.Codec).ForEach("take", text =>
        {
            came.Add(text);
            if (came.Count == texts.Length) { all.TrySetResult(); }
        })).Start(null, stop);
        await using var _ = receiver.ConfigureAwait(false);
        foreach (var bytes in before) { await PublishAsync(transport, topic, bytes, stop).ConfigureAwait(false); }
        var sender = Pipeline.Define("sender", p => p.Input<string>("texts").Publish(transport, topic, TextBytes.Codec)).Start(null, stop);
        await using var __ = sender.ConfigureAwait(false);
        foreach (var text in texts) { await sender.SendAsync("texts", text, stop).ConfigureAwait(false); }
        await all.Task.WaitAsync(stop).ConfigureAwait(false);
        return receiver.Metrics[$"subscribe {topic}"].Drops.GetValueOrDefault("malformed");
    }

    /// <summary>Publishes with the concurrency at which the transport keeps order, as a pipeline does.</summary>
    private static Task PublishAllAsync(
        ITransport transport, IEnumerable<(Topic Topic, byte[] Payload)> messages, CancellationToken stop) => Task.Run(
        async () =>
        {
            var open = new Queue<Task>();
            foreach (var (topic, payload) in messages)
            {
                if (open.Count == transport.MaxInFlight) { await open.Dequeue().ConfigureAwait(false); }
                open.Enqueue(PublishAsync(transport, topic, payload, stop));
            }

            await Task.WhenAll(open).ConfigureAwait(false);
        },
        stop);

    private static Task PublishAsync(ITransport transport, Topic topic, byte[] payload, CancellationToken stop) =>
        transport.PublishAsync(topic, new(payload), new(NextOrigin()), stop).AsTask();

    /// <summary>Unique, because transports may deduplicate.</summary>
    private static MessageOrigin NextOrigin() => new("contract", Interlocked.Increment(ref _published));

    private static void End(in Message message)
    {
        message.Dispose();
        message.Acknowledge();
    }

    private static void Require(bool isKept, string otherwise)
    {
        if (!isKept) { throw new TransportContractException(otherwise); }
    }

    /// <summary>Requests a message early, which makes the subscription active.</summary>
    private sealed class Reader : IAsyncDisposable
    {
        private readonly CancellationTokenSource _over;
        private readonly IAsyncEnumerator<Message> _messages;
        private Task<bool> _next;

        internal Reader(ITransport transport, Topic filter, CancellationToken stop, int capacity = 64)
        {
            (Filter, _over) = (filter, CancellationTokenSource.CreateLinkedTokenSource(stop));
            _messages = transport.SubscribeAsync(filter, new() { Capacity = capacity, Durable = false }, _over.Token)
                .GetAsyncEnumerator(CancellationToken.None);
            _next = _messages.MoveNextAsync().AsTask();
        }

        internal Topic Filter { get; }

        internal async Task<Message> NextAsync()
        {
            if (!await _next.ConfigureAwait(false)) { throw new TransportContractException("expected a message, got the end"); }
            var message = _messages.Current;
            _next = _messages.MoveNextAsync().AsTask();
            return message;
        }

        internal async Task<bool> HasEndedAsync() => !await _next.ConfigureAwait(false);

        public async ValueTask DisposeAsync()
        {
            await _over.CancelAsync().ConfigureAwait(false);
            await ((Task)_next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await _messages.DisposeAsync().ConfigureAwait(false);
            _over.Dispose();
        }
    }

    private sealed class TextBytes : ICodec<string>
    {
        internal static readonly TextBytes Codec = new();

        public string Name => "text/1";

        public void Encode(string value, IBufferWriter<byte> buffer) => Encoding.UTF8.GetBytes(value, buffer);

        public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out string value)
        {
            value = Encoding.UTF8.GetString(bytes);
            return true;
        }
    }
}

/// <summary>A transport under test broke its contract. The message can be written to the test's log.</summary>
/// <param name="message">The expected and the actual columns.</param>
/// <param name="cause">The transport's exception, if any.</param>
public sealed class TransportContractException(string message, Exception? cause = null) : Exception(message, cause);
