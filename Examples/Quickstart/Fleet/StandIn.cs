#pragma warning disable
using StreamLearn.Simulation;
namespace Quickstart;
internal enum FailureKind { Crash, Rejoin, Leave }
internal enum SensorFaultKind { Stuck, Clock }
internal sealed record SensorFault(int Index, SensorFaultKind Kind, string Channel, double FromSeconds, double AheadSeconds);
internal sealed record Failure(double AtSeconds, int Index, FailureKind Kind) { internal bool Hits(string name, int index) => index == Index; }
internal static class StandIn
{
    internal static bool Faulty = Environment.GetEnvironmentVariable("FAULTS") != "0";
    extension(Scenario s)
    {
        internal double ReplaySpeed => 8;
        internal bool RandomPhase => true;
        internal double? RunSeconds => 250;
        internal IReadOnlyList<SensorFault> Faults => Faulty ? [new(3, SensorFaultKind.Stuck, "acc x", 0, 0), new(5, SensorFaultKind.Clock, "", 0, 3600)] : [];
        internal IReadOnlyList<Failure> Failures => Faulty ? [new(60, 7, FailureKind.Crash), new(120, 7, FailureKind.Rejoin)] : [];
        internal IEnumerable<SensorFault> FaultsOf(string name, int index) => s.Faults.Where(f => f.Index == index);
    }
}
