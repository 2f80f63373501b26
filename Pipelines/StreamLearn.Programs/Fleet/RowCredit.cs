namespace StreamLearn.Programs;

/// <summary>Keeps a sensor from getting further ahead of its device than a server may keep: what waits there beyond its bound is
/// dropped, and nobody is told.</summary>
internal static class RowCreditExtensions
{
    /// <summary>Batches between a sensor and its device at most. Below the 1,000 messages that mosquitto keeps for a client.</summary>
    private const int Batches = 256;

    /// <summary>Lets batches pass as long as few enough are under way.</summary>
    internal static Flow<Batch> WithCredit(this Flow<Batch> flow, Flow<RowsTaken> taken) => flow
        .Via("credit", Batches, static (int most, OperatorContext _, IOutput<Batch> output) => new RowCredit(most, output))
        .ControlledBy(taken);

    /// <summary>Counts what the device has taken.</summary>
    internal static Flow<RowsTaken> CountTaken(this Flow<Batch> flow) =>
        flow.Via("taken", "", static (string _, OperatorContext _, IOutput<RowsTaken> output) => new CountTaken(output));
}

/// <summary>Batches that a device has taken so far.</summary>
internal sealed record RowsTaken(long Batches);

/// <summary>Passes batches on while their device is not too far behind.</summary>
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

/// <summary>Says after each batch how many have come.</summary>
internal sealed class CountTaken(IOutput<RowsTaken> output) : Operator<Batch>
{
    private long _taken;

    public override void Process(Batch input)
    {
        input.Dispose();
        output.Emit(new(++_taken));
    }
}
