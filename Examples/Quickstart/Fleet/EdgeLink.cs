using StreamLearn;

namespace Quickstart;

/// <summary>How a participant reaches the others: sessions of its own, those for updates apart from those that steer.</summary>
/// <remarks>
/// A device has one transport, which gives each subscription a session of its own: what it publishes waits until it is subscribed to the
/// answers. Through another one its first update, and what comes of it, could go before.
/// </remarks>
/// <param name="Data">Carries updates.</param>
/// <param name="Control">Carries versions, receipts and what devices say of themselves.</param>
internal sealed record EdgeLink(ITransport Data, ITransport Control) : IAsyncDisposable
{
    /// <summary>Carries the rows of a device from its sensor; null: they stay inside it.</summary>
    internal ITransport? Rows { get; init; }

    /// <summary>Its transports, each once.</summary>
    internal IEnumerable<ITransport> Transports
    {
        get
        {
            yield return Data;
            if (Control != Data) { yield return Control; }
            if (Rows is not null) { yield return Rows; }
        }
    }

    /// <summary>A link over one transport, which has no sessions or is shared.</summary>
    internal static EdgeLink Over(ITransport transport) => new(transport, transport);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (var transport in Transports) { await transport.DisposeAsync().ConfigureAwait(false); }
    }
}

/// <summary>How the participants of a fleet on real threads reach each other.</summary>
/// <param name="Open">Opens the transports of a participant, by its name.</param>
/// <param name="Hold">Keeps messages back until it is disposed; null: somebody else keeps them for those who are not there yet, or nobody
/// has to.</param>
internal sealed record FleetLinks(Func<string, EdgeLink> Open, Func<IDisposable>? Hold = null)
{
    /// <summary>Links within the process.</summary>
    /// <param name="isSaved">True: what is on its way is in the checkpoints of who sent it.</param>
    internal static FleetLinks InProcess(bool isSaved)
    {
        var transport = new InProcessTransport("edge") { ConfirmsWhenAcknowledged = isSaved };
        return new(_ => EdgeLink.Over(transport), isSaved ? transport.Hold : null);
    }
}
