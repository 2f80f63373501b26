using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using StreamLearn;
using StreamLearn.Testing;

namespace Architecture.Tests;

/// <summary>C# of docs/reference/transports.md: a transport that uses nothing but the public surface.</summary>
public sealed class TransportPageExamples
{
    public static TheoryData<string> Rules => [.. TransportContract.Rules];

    [Theory]
    [MemberData(nameof(Rules))]
    public Task The_transport_keeps_the_contract(string rule) => TransportContract.CheckAsync(rule, new MemoryTransport());
}

/// <summary>Carries messages inside a process.</summary>
public sealed class MemoryTransport : ITransport
{
    private readonly ConcurrentDictionary<string, Kept> _retained = new();
    private readonly ConcurrentDictionary<Reader, Topic> _readers = new();
    private bool _isDisposed;

    public string Name => "memory";

    public async ValueTask PublishAsync(
        Topic topic, ReadOnlySequence<byte> payload, PublishOptions options, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var message = new Kept(topic, payload.ToArray(), options);      // the caller's memory is its own again when the call is done
        if (options.Retain) { _retained[topic.Value] = message; }
        foreach (var (reader, filter) in _readers)
        {
            if (filter.Matches(topic)) { await reader.WriteAsync(message, cancellationToken); }
        }
    }

    public IAsyncEnumerable<Message> SubscribeAsync(Topic filter, SubscribeOptions options, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        options.RequireOf(Name);        // no groups, and nothing from before
        if (cancellationToken.IsCancellationRequested) { return AsyncEnumerable.Empty<Message>(); }
        var reader = new Reader(options.Capacity);
        _readers[reader] = filter;      // at once: what is published from here on is for it
        var retained = _retained.Values.Where(m => filter.Matches(m.Topic)).ToArray();
        return ReadAsync(reader, retained, cancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        _isDisposed = true;
        foreach (var reader in _readers.Keys) { reader.End(); }
        return ValueTask.CompletedTask;
    }

    private async IAsyncEnumerable<Message> ReadAsync(
        Reader reader, Kept[] retained, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var end = cancellationToken.UnsafeRegister(static r => ((Reader)r!).End(), reader);
        foreach (var message in retained) { yield return reader.Deliver(message) with { IsRetained = true }; }
        await foreach (var message in reader.Messages) { yield return reader.Deliver(message); }
        _readers.TryRemove(reader, out _);
    }

    private sealed record Kept(Topic Topic, byte[] Payload, PublishOptions Options);

    /// <summary>A subscription. The garbage collector owns the memory, and acknowledgements change nothing.</summary>
    private sealed class Reader(int capacity) : IMessageOwner
    {
        private readonly Channel<Kept> _queue = Channel.CreateBounded<Kept>(capacity);      // a full one makes the publisher wait

        public IAsyncEnumerable<Kept> Messages => _queue.Reader.ReadAllAsync(CancellationToken.None);

        public Message Deliver(Kept message) =>
            new(message.Topic, new(message.Payload), message.Options.Origin, this, 0) { Properties = message.Options.Properties };

        public async ValueTask WriteAsync(Kept message, CancellationToken cancellationToken)
        {
            try { await _queue.Writer.WriteAsync(message, cancellationToken); }
            catch (ChannelClosedException) { }      // it has ended
        }

        public void End() => _queue.Writer.TryComplete();

        public void Acknowledge(long id) { }

        public void Refuse(long id, string reason) { }

        public void Release(long id) { }
    }
}
