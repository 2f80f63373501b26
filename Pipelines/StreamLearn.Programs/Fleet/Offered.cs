namespace StreamLearn.Programs;

/// <summary>Passes on versions that the aggregator requested.</summary>
internal sealed class Offered(IOutput<Presence> output) : Operator<Presence>
{
    internal static Flow<Presence> Of(Flow<Presence> presences) =>
        presences.Via("offers", "", static (string _, OperatorContext _, IOutput<Presence> output) => new Offered(output));

    public override void Process(Presence input)
    {
        if (input.Offer is not null) { output.Emit(input); }
    }
}
