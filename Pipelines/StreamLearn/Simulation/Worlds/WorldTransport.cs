using System.Buffers;

namespace StreamLearn.Simulation;

/// <summary>A simulated transport: it identifies itself in the graph and has subscribers. The world moves the bytes.</summary>
internal sealed class WorldTransport(string name, bool isLocal = false) : ITransport
{
    private const int MaxRoutes = 16_384;

    private readonly Dictionary<string, List<SubscribeActor>> _routes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Payload> _retained = new(StringComparer.Ordinal);
    private readonly List<SubscribeActor> _subscribers = [];
    private readonly Dictionary<string, ServerSession> _sessions = new(StringComparer.Ordinal);      // sessions by device and block

    public string Name { get; } = name;

    internal bool IsLocal { get; } = isLocal;

    public ValueTask PublishAsync(Topic topic, ReadOnlySequence<byte> payload, PublishOptions options,
        CancellationToken cancellationToken) =>
        throw Refused();

    public IAsyncEnumerable<Message> SubscribeAsync(Topic filter, SubscribeOptions options, CancellationToken cancellationToken) =>
        throw Refused();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    internal void Subscribe(SubscribeActor actor)
    {
        actor.Work.Options.RequireOf(Name);
        _routes.Clear();
        var name = $"{actor.Device.Name}/{actor.Node.Name}";
        if (_sessions.Remove(name, out var session)) { _subscribers.RemoveAll(s => s.Session == session); }
        if (actor.HasEnded)
        {
            // the subscription had ended before the checkpoint: the server keeps nothing, and messages count as arrived after its end
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
        if (actor.Session is not null) { actor.Session.LoseAll(); }      // the server keeps new messages
        else if (_subscribers.Remove(actor)) { _routes.Clear(); }
    }

    internal (TimeSpan Leaves, bool ByServer) SendOverLinks(Payload payload, VirtualDevice sender, bool retain)
    {
        var leaves = sender.World.Elapsed;
        if (!HasLinks(sender)) { return (leaves, true); }
        var route = RouteOf(payload.Topic);
        var byServer = retain || route.Count == 0;
        foreach (var subscriber in route)
        {
            if (!AreLinked(sender, subscriber))
            {
                byServer = true;
                continue;
            }

            var left = subscriber.Send(new(payload.Topic, payload, Sender: sender));
            leaves = left > leaves ? left : leaves;
        }

        return (leaves, byServer);
    }

    internal void Deliver(Payload payload, VirtualDevice sender, bool retain)
    {
        var topic = payload.Topic;
        var hasLinks = HasLinks(sender);
        foreach (var subscriber in RouteOf(topic))
        {
            if (!hasLinks || !AreLinked(sender, subscriber)) { subscriber.Send(new(topic, payload)); }
        }

        if (!retain)
        {
            payload.Release();
            return;
        }

        if (_retained.TryGetValue(topic.Value, out var old)) { old.Release(); }
        _retained[topic.Value] = payload;
    }

    internal void State(
        ref StateStream s, IReadOnlyList<VirtualDevice> devices, Dictionary<VirtualDevice, int> numbers, PayloadTable payloads)
    {
        if (s.IsReading) { _routes.Clear(); }
        s.Items(_subscribers, int.MaxValue, (Name, devices, numbers), Subscriber);
        List<Payload> kept = s.IsReading ? [] : [.. _retained.Values];
        s.Items(kept, int.MaxValue, payloads,
            static (ref StateStream s, ref Payload payload, PayloadTable payloads) => payload = payloads.State(ref s, payload));
        if (s.IsWriting) { return; }
        _retained.Clear();
        foreach (var payload in kept) { _retained[payload.Topic.Value] = payload; }
    }

    private static void Subscriber(ref StateStream s, ref SubscribeActor subscriber,
        (string Name, IReadOnlyList<VirtualDevice> Devices, Dictionary<VirtualDevice, int> Numbers) with)
    {
        var device = s.Value(subscriber is null ? 0 : with.Numbers[subscriber.Device], 0, with.Devices.Count - 1);
        var actors = with.Devices[device].Actors;
        subscriber = actors[s.Value(subscriber?.Node.Index ?? 0, 0, actors.Count - 1)] as SubscribeActor
            ?? throw new StateException($"transport '{with.Name}': expected a subscription, got another block");
    }

    private bool HasLinks(VirtualDevice device) => !IsLocal && device.World.Network.HasAny(device.Name);

    private static bool AreLinked(VirtualDevice sender, SubscribeActor subscriber) =>
        sender.World.Network.Between(sender.Name, subscriber.Device.Name) is not null;

    private List<SubscribeActor> RouteOf(Topic topic) => _routes.TryGetValue(topic.Value, out var known) ? known : FindRoute(topic);

    private List<SubscribeActor> FindRoute(Topic topic)
    {
        if (_routes.Count >= MaxRoutes) { _routes.Clear(); }      // topics may come from messages, so the size of the cache is limited
        return _routes[topic.Value] = _subscribers.FindAll(s => s.Work.Filter.Matches(topic));
    }

    private TransportException Refused() =>
        new($"transport '{Name}' belongs to a virtual world: add the pipeline to the world instead of starting it", isTransient: false);
}
