using StreamLearn.Models;

namespace StreamLearn.Programs;

/// <summary>
/// Passes on the first version of each aggregator that goes on from one that was kept. No round has made it, but all that is learned has to
/// be learned from it: what serves splits gets it as any other.
/// </summary>
internal sealed class EpochStart(IOutput<Weights> output) : Operator<Weights>, IStateful
{
    private long _epoch;

    public string StateFormat => "epoch-start/1";

    /// <summary>Adds it to the versions that go to devices.</summary>
    internal static Flow<Weights> Of(Flow<Weights> versions) =>
        versions.Via("epoch starts", "", (string _, OperatorContext _, IOutput<Weights> output) => new EpochStart(output));

    public void State(ref StateStream s) => s.Value(ref _epoch);

    public override void Process(Weights input)
    {
        if (input.Version == 0 || input.Epoch <= _epoch) { return; }
        _epoch = input.Epoch;
        output.Emit(input with { Recipient = null, Invited = null });
    }
}
