namespace StreamLearn.Programs;

/// <summary>Calls an action when no message will come any more.</summary>
internal sealed class AtEnd<T>(Action action) : Operator<T>
    where T : class
{
    /// <summary>Calls an action when a flow of what rows have come to has ended.</summary>
    internal static void Call(Flow<T> flow, Action ended) =>
        flow.Via("end of rows", "", (string _, OperatorContext _, IOutput<T> _) => new AtEnd<T>(ended)).Discard();

    public override void Process(T input)
    {
    }

    public override void Complete() => action();
}
