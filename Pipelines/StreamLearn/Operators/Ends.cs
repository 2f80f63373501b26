namespace StreamLearn;

internal sealed class ForEach<T>(Action<T> action) : Operator<T>
    where T : class
{
    public override void Process(T input)
    {
        action(input);
        if (input is IDisposable owned) { owned.Dispose(); }
    }
}

internal sealed record DiscardOptions(string Reason);

internal sealed class Discard<T>(DiscardOptions options, OperatorContext context) : Operator<T>
    where T : class
{
    public override void Process(T input) => context.Drop(input, options.Reason);
}

internal sealed class PassOn<T>(IOutput<T> output) : Operator<T>
    where T : class
{
    public override void Process(T input) => output.Emit(input);
}
