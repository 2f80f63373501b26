using StreamLearn.Simulation;

namespace StreamLearn.Programs;

/// <summary>How a participant reaches the others: sessions of its own, those for updates apart from those that steer.</summary>
/// <remarks>
/// A device has one transport, which gives each subscription a session of its own: what it publishes waits until it is subscribed to the
/// answers. Through another one its first update, and what comes of it, could go before.
/// </remarks>
/// <param name="Data">Carries updates.</param>
/// <param name="Control">Carries versions, receipts and what devices say of themselves.</param>
public sealed record EdgeLink(ITransport Data, ITransport Control) : IAsyncDisposable
{
    /// <summary>Carries the rows of a device from its sensor; null: they stay inside it.</summary>
    public ITransport? Rows { get; init; }

    /// <summary>Its transports, each once: of a link that is played, the one under it, which has the connection.</summary>
    public IEnumerable<ITransport> Transports
    {
        get
        {
            yield return Under(Data);
            if (Control != Data) { yield return Under(Control); }
            if (Rows is not null) { yield return Under(Rows); }
        }
    }

    /// <summary>A link over one transport, which has no sessions or is shared.</summary>
    /// <param name="transport">Carries everything.</param>
    public static EdgeLink Over(ITransport transport) => new(transport, transport);

    /// <summary>Lets the block of an output hear of the connections of its participant.</summary>
    internal void HeardBy<T>(PipelineBuilder p, Flow<T> output)
        where T : class
    {
        output.ControlledBy(p.Connections(Data).Named("data link"));
        if (Control != Data) { output.ControlledBy(p.Connections(Control).Named("control link")); }
    }

    private static ITransport Under(ITransport transport) => (transport as PlayedLink)?.Inner ?? transport;

    /// <inheritdoc />
    public ValueTask DisposeAsync() => new Together([.. Transports]).DisposeAsync();
}
