namespace StreamLearn.Programs;

/// <summary>Passes on the first version of each aggregator that resumed from a retained version: no round made it, but split training needs
/// it.</summary>
internal sealed class EpochStart(IOutput<Weights> output) : Operator<Weights>, IStateful
{
    private long _epoch;

    public string StateFormat => "epoch-start/1";

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
