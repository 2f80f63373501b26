namespace Acceptance.Tests;

/// <summary>The decision process of AT-6g: its rates, prices and weights. independent/offload.py has the same ones.</summary>
internal static class OffloadedTasks
{
    internal static OffloadProcess Process(double arrivals) => new(new()
    {
        MaxTasks = 4,
        MaxEnergy = 4,
        Arrivals = arrivals,
        EnergyArrivals = 1.2,
        LocalSlots = 1.3,
        UploadSlots = 0.9,
        SignalToNoise = [0.4, 3],
        LinkStays = 0.7,
        HandoverSlots = 0.4,
        Prices = [0.5, 1.5],
        DelayWeight = 1,
        DropWeight = 15,
        QueueWeight = 1,
        FailureWeight = 3,
        PaymentWeight = 1,
    });
}
