using StreamLearn;
using StreamLearn.Programs;

namespace Tool;

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
