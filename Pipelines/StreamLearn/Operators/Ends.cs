namespace StreamLearn;

/// <summary>Calls an action of the program's for each message.</summary>
internal sealed class ForEach<T>(Action<T> action) : Operator<T>
    where T : class
{
    public override void Process(T input)
    {
        action(input);
        if (input is IDisposable owned) { owned.Dispose(); }
    }
}

/// <summary>Settings of <c>Discard</c>.</summary>
internal sealed record DiscardOptions(string Reason);

/// <summary>Drops each message and counts it.</summary>
internal sealed class Discard<T>(DiscardOptions options, OperatorContext context) : Operator<T>
    where T : class
{
    public override void Process(T input) => context.Drop(input, options.Reason);
}

/// <summary>Passes each message on.</summary>
internal sealed class PassOn<T>(IOutput<T> output) : Operator<T>
    where T : class
{
    public override void Process(T input) => output.Emit(input);
}
