using StreamLearn;
using StreamLearn.Programs;

namespace Tool;

internal sealed record FleetLinks(Func<string, EdgeLink> Open, Func<IDisposable>? Hold = null)
{
    internal static FleetLinks InProcess(bool isSaved)
    {
        var transport = new InProcessTransport("edge") { ConfirmsWhenAcknowledged = isSaved };
        return new(_ => EdgeLink.Over(transport), isSaved ? transport.Hold : null);
    }
}
