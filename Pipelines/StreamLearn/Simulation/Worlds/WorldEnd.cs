namespace StreamLearn.Simulation;

/// <summary>Ends the subscriptions of a world in an order in which messages of completing blocks are still received.
/// <paramref name="hurried"/>: ignores wake-ups if nothing else is pending.</summary>
internal sealed class WorldEnd(VirtualWorld world, bool hurried, CancellationToken cancellationToken)
{
    private long _publishersEnded;

    internal void Reach()
    {
        Rest();
        foreach (var device in world.Devices) { device.EndConnections(); }
        Rest();
        End(Open().FindAll(s => s.Steers));
        for (var open = Open(); open.Count > 0; open = Open())
        {
            var unfed = Unfed(open);
            End(unfed.Count > 0 ? unfed : open);
        }

        var waiting = Alive<Actor>().Take(5).Select(a => $"{a.Device.Name}/{a.Node.Name}").ToList();
        if (waiting.Count > 0)
        {
            throw new InvalidOperationException($"no events are left, but blocks still wait: {string.Join(", ", waiting)}");
        }
    }

    private void End(List<SubscribeActor> subscriptions)
    {
        foreach (var subscription in subscriptions) { subscription.EndWhenEmpty(); }
        Rest();
    }

    /// <summary>Ends the run. If hurried, subscriptions end with their publishers, and only wake-ups may be left over.</summary>
    private void Rest()
    {
        if (!hurried)
        {
            world.Run(null, cancellationToken);
            return;
        }

        for (var unfed = Unfed(Open()); ; unfed = Unfed(Open()))
        {
            foreach (var subscription in unfed) { subscription.EndWhenEmpty(); }
            _publishersEnded = world.PublishersEnded;
            world.Run(null, cancellationToken, AtRest);
            if (_publishersEnded == world.PublishersEnded) { return; }
        }
    }

    /// <summary>Wake-ups may repeat forever, so a wake-up is awaited only if a message or a reply waits for it.</summary>
    private bool AtRest() =>
        _publishersEnded != world.PublishersEnded || (world.UnderWay == 0 && !Alive<Actor>().Exists(static a => a.Waits));

    private List<T> Alive<T>()
        where T : Actor => [.. world.Devices.Where(d => d.EndedAt is null).SelectMany(d => d.Actors).OfType<T>().Where(a => !a.Ended)];

    private List<SubscribeActor> Open() => Alive<SubscribeActor>().FindAll(s => !s.Ending);

    private List<SubscribeActor> Unfed(List<SubscribeActor> open)
    {
        var publishers = world.Devices.SelectMany(d => d.Actors).OfType<PublishActor>().Where(p => !p.Ended || p.OnTheWay > 0).ToList();
        var known = new Dictionary<(ITransport, string), bool>();
        return open.FindAll(s =>
        {
            var (transport, filter) = (s.Work.Transport, s.Work.Filter);
            if (!known.TryGetValue((transport, filter.Value), out var unfed))
            {
                unfed = !publishers.Exists(p => p.Work.Transport == transport && p.Work.Topic.MayMeet(filter));
                known.Add((transport, filter.Value), unfed);
            }

            return unfed;
        });
    }
}
