using StreamLearn.Simulation;

namespace StreamLearn.Programs;

/// <summary>A participant's transports: updates use other sessions than control messages.</summary>
/// <remarks>A device uses one transport with a session per subscription: it publishes only after it has subscribed to the answers. With two
/// transports the first update could overtake the subscription.</remarks>
internal sealed record EdgeLink(ITransport Data, ITransport Control) : IAsyncDisposable
{
    /// <summary>Transport of the device's rows from its sensor; null if rows stay inside the device.</summary>
    public ITransport? Rows { get; init; }

    /// <summary>The link's distinct transports; for a simulated link, the underlying transport, which has the connection.</summary>
    public IEnumerable<ITransport> Transports
    {
        get
        {
            yield return Under(Data);
            if (Control != Data) { yield return Under(Control); }
            if (Rows is not null) { yield return Under(Rows); }
        }
    }

    public static EdgeLink Over(ITransport transport) => new(transport, transport);

    internal void HeardBy<T>(PipelineBuilder p, Flow<T> output)
        where T : class
    {
        output.ControlledBy(p.Connections(Data).Named("data link"));
        if (Control != Data) { output.ControlledBy(p.Connections(Control).Named("control link")); }
    }

    private static ITransport Under(ITransport transport) => (transport as PlayedLink)?.Inner ?? transport;

    public ValueTask DisposeAsync() => new DisposableGroup([.. Transports]).DisposeAsync();
}
