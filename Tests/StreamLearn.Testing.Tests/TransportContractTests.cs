using System.Buffers;
using System.Runtime.CompilerServices;
using StreamLearn.Simulation;

namespace StreamLearn.Testing.Tests;

/// <summary>The contract of transports: our own keeps it, and each way to break it is found.</summary>
public sealed class TransportContractTests
{
    public static TheoryData<string> Rules => [.. TransportContract.Rules];

    [Theory]
    [MemberData(nameof(Rules))]
    public async Task The_transport_inside_a_process_keeps_it(string rule)
    {
        await TransportContract.CheckAsync(rule, new InProcessTransport());
        await TransportContract.CheckAsync(rule, new InProcessTransport { ConfirmsWhenAcknowledged = rule != "retained" });
    }

    /// <summary>The rule of a disposed transport is that of the one below.</summary>
    [Theory]
    [MemberData(nameof(Rules))]
    public async Task A_link_that_is_played_over_one_keeps_it(string rule)
    {
        await TransportContract.CheckAsync(rule, new PlayedLink(new InProcessTransport(), LinkProfile.Unlimited));
        await TransportContract.CheckAsync(rule, new PlayedLink(new InProcessTransport(), new()
        {
            UpBitsPerSecond = 50e6,
            DownBitsPerSecond = 50e6,
            Delay = TimeSpan.FromMilliseconds(2),
        }));
    }

    [Theory, InlineData("delivers", Fault.Bytes), InlineData("delivers", Fault.Identity), InlineData("properties", Fault.Properties)]
    [InlineData("filters", Fault.Topic), InlineData("order", Fault.Loss), InlineData("memory", Fault.Memory)]
    [InlineData("retained", Fault.Retained), InlineData("canceled", Fault.Canceled), InlineData("disposed", Fault.Disposed)]
    [InlineData("pipeline", Fault.Loss), InlineData("malformed", Fault.Bytes)]
    public async Task A_transport_that_breaks_a_rule_is_found(string rule, Fault fault) =>
        await Assert.ThrowsAsync<TransportContractException>(() =>
            TransportContract.CheckAsync(rule, new Faulty(fault), TimeSpan.FromSeconds(1)));

    [Fact]
    public async Task A_rule_that_is_none_is_refused_with_those_there_are()
    {
        var refusal = await Assert.ThrowsAsync<ArgumentException>(() => TransportContract.CheckAsync("speed", new InProcessTransport()));
        Assert.StartsWith("expected one of canceled, delivers, ", refusal.Message, StringComparison.Ordinal);
    }

    public enum Fault { Bytes, Identity, Properties, Topic, Loss, Memory, Retained, Canceled, Disposed }

    /// <summary>A transport with one fault.</summary>
    private sealed class Faulty(Fault fault) : ITransport
    {
        private readonly InProcessTransport _inner = new();
        private int _count;
        private bool _isDisposed;
        public string Name => "faulty";

        public ValueTask PublishAsync(
            Topic topic, ReadOnlySequence<byte> payload, PublishOptions options, CancellationToken cancellationToken)
        {
            if (_isDisposed || (fault == Fault.Loss && ++_count % 7 == 0)) { return default; }
            var kept = options with { Retain = options.Retain && fault != Fault.Retained };
            return _inner.PublishAsync(topic, payload, kept, cancellationToken);
        }

        public async IAsyncEnumerable<Message> SubscribeAsync(
            Topic filter, SubscribeOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            if (fault == Fault.Canceled) { cancellationToken.ThrowIfCancellationRequested(); }
            byte[] shared = [];
            await foreach (var message in _inner.SubscribeAsync(filter, options, cancellationToken))
            {
                var bytes = message.Payload.ToArray();
                if (fault == Fault.Bytes && bytes.Length > 3) { bytes[^1] ^= 1; }
                if (fault == Fault.Memory) { bytes = bytes.Length == shared.Length ? shared : shared = bytes; }
                message.Payload.CopyTo(bytes.AsSpan(0, fault == Fault.Memory ? bytes.Length : 0));
                yield return new(
                    fault == Fault.Topic ? "contract/other" : message.Topic, new(bytes),
                    fault == Fault.Identity ? new("made-up", 0) : message.Origin, new Owner(message), 0)
                {
                    Properties = fault == Fault.Properties ? null : message.Properties,
                    IsRetained = message.IsRetained,
                };
            }
        }

        public ValueTask DisposeAsync()
        {
            _isDisposed = fault == Fault.Disposed;
            return _inner.DisposeAsync();
        }

        private sealed class Owner(Message message) : IMessageOwner
        {
            public void Acknowledge(long id) => message.Acknowledge();
            public void Refuse(long id, string reason) => message.Refuse(reason);
            public void Release(long id) => message.Dispose();
        }
    }
}
