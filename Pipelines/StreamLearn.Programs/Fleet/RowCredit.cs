namespace StreamLearn.Programs;

/// <summary>Limits how far a sensor may be ahead of its device: the server silently drops messages beyond its queue limit.</summary>
internal static class RowCreditExtensions
{
    /// <summary>Maximum batches in flight, below the 1,000 messages that mosquitto queues per client.</summary>
    private const int Batches = 256;

    internal static Flow<Batch> WithCredit(this Flow<Batch> flow, Flow<RowsTaken> taken) => flow
        .Via("credit", Batches, static (int most, OperatorContext _, IOutput<Batch> output) => new RowCredit(most, output))
        .ControlledBy(taken);

    internal static Flow<RowsTaken> CountTaken(this Flow<Batch> flow) =>
        flow.Via("taken", "", static (string _, OperatorContext _, IOutput<RowsTaken> output) => new CountTaken(output));
}

internal sealed record RowsTaken(long Batches);

internal sealed class RowCredit(int most, IOutput<Batch> output) : Operator<Batch>, IControlledBy<RowsTaken>
{
    private long _sent;
    private long _taken;

    public override bool Ready => _sent - _taken < most;

    public override void Process(Batch input)
    {
        _sent++;
        output.Emit(input);
    }

    public void Control(RowsTaken message) => _taken = Math.Max(_taken, message.Batches);
}

internal sealed class CountTaken(IOutput<RowsTaken> output) : Operator<Batch>
{
    private long _taken;

    public override void Process(Batch input)
    {
        input.Dispose();
        output.Emit(new(++_taken));
    }
}
