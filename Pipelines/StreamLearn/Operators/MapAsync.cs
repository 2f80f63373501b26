namespace StreamLearn;

/// <summary>Comparison ignores the function.</summary>
internal sealed record MapAsyncOptions(int Parallelism, Schema? Columns) : IBlockOptions
{
    public Schema Output(Schema input) => Columns ?? input;

    public override string ToString() => $"parallelism {Parallelism}";
}

/// <summary>Emits results in order. If the host has not started a message's work, calls the function and waits.</summary>
internal sealed class MapAsync<T, TOut>(int parallelism, AsyncFunction<T, TOut> map, IOutput<TOut> output)
    : Operator<T>, IBeginsAhead, IDisposable
    where T : class
    where TOut : class
{
    private BegunResult<TOut>? _next;

    int IBeginsAhead.MaxBegun => parallelism;

    Begun IBeginsAhead.Begin(object item, Action over) => map.Begin((T)item, over);

    void IBeginsAhead.Take(Begun work) => _next = (BegunResult<TOut>)work;

    public override void Process(T input)
    {
        if (_next is not { } begun)
        {
            output.Emit(map.Make(input));
            return;
        }

        _next = null;
        output.Emit(begun.Value);
        (input as IOwned)?.Dispose();      // the function had its own handle
    }

    public void Dispose()
    {
        _next?.End();
        _next = null;
    }
}
