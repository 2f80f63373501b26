namespace StreamLearn.Simulation;

internal static class DeviceBlocks
{
    internal static void Check(VirtualWorld world, Pipeline pipeline)
    {
        foreach (var node in pipeline.Nodes) { Check(world, pipeline, node); }
    }

    internal static Actor Create(VirtualDevice device, Node node) => node.Work switch
    {
        OperatorWork => new OperatorActor(device, node),
        SourceWork => new SourceActor(device, node),
        PublishWork => new PublishActor(device, node),
        ConnectionsWork => new ConnectionsActor(device, node),
        _ => new SubscribeActor(device, node),
    };

    internal static void Connect(VirtualDevice device)
    {
        foreach (var edge in device.Pipeline.Edges)
        {
            var (from, to) = (device.Actors[edge.From], device.Actors[edge.To]);
            var queue = new EdgeQueue(edge, $"{from.Node.Name}→{to.Node.Name}", to.Metrics, device.Tokens);
            device.Metrics.Add(queue);
            SerialEdge between = new(queue, from, to, "lost");
            to.Inputs.Add(between);
            from.AddTarget(between);
        }

        foreach (var actor in device.Actors.OfType<OperatorActor>()) { actor.SortInputs(); }
    }

    private static void Check(VirtualWorld world, Pipeline pipeline, Node node)
    {
        var transport = node.Work switch
        {
            PublishWork work => work.Transport,
            SubscribeWork work => work.Transport,
            ConnectionsWork work => work.Transport,
            _ => null,
        };
        if (transport is null && node.Work is not (OperatorWork or SourceWork))
        {
            throw new ArgumentException(
                $"'{pipeline.Name}/{node.Name}' is a {node.Kind} block, which cannot run in virtual time: use the dataflow host",
                nameof(pipeline));
        }

        if (node.Options is IBlockOptions { IsLive: true })
        {
            throw new ArgumentException(
                $"'{pipeline.Name}/{node.Name}' reads in real time, which virtual time cannot do: use the dataflow host",
                nameof(pipeline));
        }

        if (transport is not null && !world.Has(transport))
        {
            throw new ArgumentException(
                $"'{pipeline.Name}/{node.Name}' uses a transport of another world: give it this world's, from "
                    + "Transport(name)", nameof(pipeline));
        }
    }
}
