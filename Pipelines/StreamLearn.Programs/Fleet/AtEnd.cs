namespace StreamLearn.Programs;

internal sealed class AtEnd<T>(Action action) : Operator<T>
    where T : class
{
    internal static void Call(Flow<T> flow, Action ended) =>
        flow.Via("end of rows", "", (string _, OperatorContext _, IOutput<T> _) => new AtEnd<T>(ended)).Discard();

    public override void Process(T input)
    {
    }

    public override void Complete() => action();
}
