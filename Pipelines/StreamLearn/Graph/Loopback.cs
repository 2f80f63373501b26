using System.Collections.Immutable;

namespace StreamLearn;

/// <summary>The publications and subscriptions of a pipeline that meet on a <see cref="LoopbackTransport"/>.</summary>
internal sealed class Loopback
{
    private readonly List<(PublishWork Work, int Node)> _publications = [];
    private readonly List<(SubscribeWork Work, int Node)> _subscriptions = [];

    /// <summary>The blocks that publish, whose edges are made by <see cref="Connect"/>.</summary>
    internal void Add(PublishWork work, int node) => _publications.Add((work, node));

    /// <summary>The blocks that subscribe.</summary>
    internal void Add(SubscribeWork work, int node) => _subscriptions.Add((work, node));

    /// <summary>A block that writes messages of a flow.</summary>
    /// <exception cref="ArgumentException">Messages are to be kept for later subscribers.</exception>
    internal static LoopWork Publication<T>(PublishWork work)
        where T : class => work.Options.Retain
            ? throw new ArgumentException($"transport '{work.Transport.Name}' stays within the pipeline and keeps no messages")
            : new(typeof(LoopPublication<T>), (context, ports) => new LoopPublication<T>(work, context, ports.Port<LoopMessage>(0)),
                work.Saved);

    /// <summary>A block that reads them.</summary>
    /// <exception cref="ArgumentException">Levels of the filter have names, or the options are for a server.</exception>
    internal static LoopWork Subscription<T>(SubscribeWork work, ImmutableArray<string> names)
        where T : class
    {
        work.Options.RequireOf(work.Transport.Name);
        return names.IsEmpty
            ? new(typeof(LoopSubscription<T>), (context, ports) => new LoopSubscription<T>(work, context, ports.Port<T>(0)),
                work.Saved)
            : throw new ArgumentException(
                $"transport '{work.Transport.Name}' stays within the pipeline: it takes no named levels, got '{names[0]}'");
    }

    /// <summary>Adds an edge for each publication and subscription that may meet.</summary>
    internal void Connect(List<Edge> edges, List<string> problems)
    {
        foreach (var (subscription, to) in _subscriptions)
        {
            var met = _publications.FindAll(p => Meet(p.Work, subscription));
            if (met.Count == 0)
            {
                problems.Add($"nothing in the pipeline publishes to '{subscription.Filter}' on '{subscription.Transport.Name}'");
            }

            var options = new EdgeOptions { CapacityMessages = subscription.Options.Capacity };
            foreach (var (_, from) in met) { edges.Add(new(from, 0, to, IsControl: false, options)); }
        }
    }

    private static bool Meet(PublishWork publication, SubscribeWork subscription) =>
        ReferenceEquals(publication.Transport, subscription.Transport) && publication.Topic.MayMeet(subscription.Filter);
}

/// <summary>Writes messages for the subscriptions of its pipeline.</summary>
internal sealed class LoopPublication<T>(PublishWork work, OperatorContext context, IOutput<LoopMessage> output) : Operator<T>
    where T : class
{
    private readonly Func<object, Topic> _topicOf = work.Topic.Open();
    private int _lastBytes;

    public override void Process(T input)
    {
        var message = new LoopMessage(_topicOf(input), work.Properties?.Invoke(input), (input as ISized)?.Rows ?? 0, _lastBytes);
        try
        {
            work.Encode(input, message);
        }
        catch
        {
            message.Dispose();
            throw;
        }

        _lastBytes = (int)message.SizeBytes;
        context.Record("bytes-written", _lastBytes);
        output.Emit(message);
        (input as IDisposable)?.Dispose();
    }
}

/// <summary>Reads messages of the publications of its pipeline. What it refuses is dropped under the reasons of any subscription.</summary>
internal sealed class LoopSubscription<T>(SubscribeWork work, OperatorContext context, IOutput<T> output) : Operator<LoopMessage>
    where T : class
{
    private readonly Decode _decode = work.Open(context.Levels ?? new([]));

    public override void Process(LoopMessage input)
    {
        if (!work.Filter.Matches(input.Topic))
        {
            input.Dispose();        // of a publication to topics of which others are meant
            return;
        }

        var received = new Received(input.Topic, input.Payload, properties: input.Properties);
        if (work.TryRead(new(context.Columns, null), _decode, received, context.Pool, out var value) is { } reason)
        {
            if (reason == SubscribeWork.End) { input.Dispose(); }      // the end comes by itself
            else { context.Drop(input, reason); }
            return;
        }

        output.Emit((T)value!);
        input.Dispose();
    }
}
