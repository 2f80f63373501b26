namespace Contract.Tests;

/// <summary>Collects what comes, and knows after a restart how much of it had come before the checkpoint.</summary>
internal sealed class Collected<T>(string name, Script script) : Operator<T>, IStateful
    where T : class
{
    private int _seen;

    public string StateFormat => "collected/1";

    public void State(ref StateStream s)
    {
        s.Value(ref _seen);
        if (s.IsReading) { script.Forget(name, _seen); }
    }

    public override void Process(T input)
    {
        _seen++;
        script.See(name, input);
        (input as IDisposable)?.Dispose();
    }
}
