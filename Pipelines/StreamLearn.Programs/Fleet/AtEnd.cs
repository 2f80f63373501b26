namespace StreamLearn.Programs;

/// <summary>Calls an action when no message will come any more.</summary>
internal sealed class AtEnd<T>(Action action) : Operator<T>
    where T : class
{
    public override void Process(T input)
    {
    }

    public override void Complete() => action();
}
