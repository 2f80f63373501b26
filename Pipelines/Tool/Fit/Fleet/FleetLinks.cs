using StreamLearn;
using StreamLearn.Programs;

namespace Tool;

/// <summary>How the participants of a fleet on real threads reach each other.</summary>
internal sealed record FleetLinks(Func<string, EdgeLink> Open, Func<IDisposable>? Hold = null)
{
    /// <summary>Links within the process.</summary>
    internal static FleetLinks InProcess(bool isSaved)
    {
        var transport = new InProcessTransport("edge") { ConfirmsWhenAcknowledged = isSaved };
        return new(_ => EdgeLink.Over(transport), isSaved ? transport.Hold : null);
    }
}
