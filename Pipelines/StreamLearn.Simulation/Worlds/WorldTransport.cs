using System.Buffers;

namespace StreamLearn.Simulation;

/// <summary>The transport of a virtual world: an identity for the graph, and a table of who subscribes to what. The world moves the
/// bytes.</summary>
/// <param name="name">Its name.</param>
/// <param name="isLocal">True: it uses no links.</param>
internal sealed class WorldTransport(string name, bool isLocal = false) : ITransport
{
    private const int MaxRoutes = 16_384;

    private readonly Dictionary<string, List<SubscribeActor>> _routes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Payload> _retained = new(StringComparer.Ordinal);
    private readonly List<SubscribeActor> _subscribers = [];
    private readonly Dictionary<string, ServerSession> _sessions = new(StringComparer.Ordinal);      // by device and block

    /// <inheritdoc />
    public string Name { get; } = name;

    /// <summary>True if messages take no time and no link.</summary>
    internal bool IsLocal { get; } = isLocal;

    /// <inheritdoc />
    public ValueTask PublishAsync(Topic topic, ReadOnlySequence<byte> payload, PublishOptions options,
        CancellationToken cancellationToken) =>
        throw Refused();

    /// <inheritdoc />
    public IAsyncEnumerable<Message> SubscribeAsync(Topic filter, SubscribeOptions options, CancellationToken cancellationToken) =>
        throw Refused();

    /// <inheritdoc />
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    internal void Subscribe(SubscribeActor actor)
    {
        actor.Work.Options.RequireOf(Name);
        _routes.Clear();
        var name = $"{actor.Device.Name}/{actor.Node.Name}";
        if (_sessions.Remove(name, out var session)) { _subscribers.RemoveAll(s => s.Session == session); }
        if (actor.HasEnded)
        {
            // it had ended before the checkpoint: the server keeps nothing for it, and what is sent to it counts as after its end
            session?.Clear();
            _subscribers.Add(actor);
            return;
        }

        if (!actor.Withholds)
        {
            _subscribers.Add(actor);
            SendRetained(actor);
            return;
        }

        session ??= new();
        session.LoseAll();
        _sessions[name] = actor.Session = session;
        _subscribers.Add(actor);
        SendRetained(actor);
        actor.SendOpen();
    }

    internal void SendRetained(SubscribeActor actor)
    {
        foreach (var (topic, payload) in _retained)
        {
            if (actor.Work.Filter.Matches(topic)) { actor.Send(new(topic, payload, IsRetained: true)); }
        }
    }

    internal void Unsubscribe(SubscribeActor actor)
    {
        if (actor.Session is not null) { actor.Session.LoseAll(); }      // the server keeps what comes
        else if (_subscribers.Remove(actor)) { _routes.Clear(); }
    }

    /// <summary>Hands a payload to all who subscribe to its topic.</summary>
    internal void Deliver(Payload payload, bool retain)
    {
        var topic = payload.Topic;
        var route = _routes.TryGetValue(topic.Value, out var known) ? known : RouteOf(topic);
        foreach (var subscriber in route) { subscriber.Send(new(topic, payload)); }
        if (!retain)
        {
            payload.Release();
            return;
        }

        if (_retained.TryGetValue(topic.Value, out var old)) { old.Release(); }
        _retained[topic.Value] = payload;
    }

    /// <summary>Writes who subscribes and what is kept for later subscribers, in their order.</summary>
    internal void Save(StateWriter writer, Dictionary<VirtualDevice, int> numbers, PayloadTable payloads)
    {
        writer.Write(_subscribers.Count);
        foreach (var subscriber in _subscribers)
        {
            writer.Write(numbers[subscriber.Device]);
            writer.Write(subscriber.Node.Index);
        }

        writer.Write(_retained.Count);
        foreach (var payload in _retained.Values) { payloads.Write(writer, payload); }
    }

    /// <summary>Takes it up in place of what there is.</summary>
    internal void Load(ref StateReader reader, IReadOnlyList<VirtualDevice> devices, PayloadTable payloads)
    {
        _routes.Clear();
        _subscribers.Clear();
        _retained.Clear();
        for (var count = reader.ReadInt32(0, int.MaxValue); count > 0; count--)
        {
            var actors = devices[reader.ReadInt32(0, devices.Count - 1)].Actors;
            _subscribers.Add(actors[reader.ReadInt32(0, actors.Count - 1)] as SubscribeActor
                ?? throw new StateException($"transport '{Name}': expected a subscription, got another block"));
        }

        for (var count = reader.ReadInt32(0, int.MaxValue); count > 0; count--)
        {
            var payload = payloads.Read(ref reader);
            _retained[payload.Topic.Value] = payload;
        }
    }

    private List<SubscribeActor> RouteOf(Topic topic)
    {
        if (_routes.Count >= MaxRoutes) { _routes.Clear(); }      // topics may come from messages: it begins anew
        return _routes[topic.Value] = _subscribers.FindAll(s => s.Work.Filter.Matches(topic));
    }

    private TransportException Refused() =>
        new($"transport '{Name}' belongs to a virtual world: add the pipeline to the world instead of starting it", isTransient: false);
}
