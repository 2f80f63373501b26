namespace Contract.Tests;

/// <summary>Makes the items of a list, one each 20 ms of its own clock.</summary>
internal sealed class ListSource<T>(IReadOnlyList<Func<BatchPool, T>> items, TimeSpan first, OperatorContext context) : Source<T>, ISeekable
    where T : class
{
    private readonly DateTimeOffset _start = context.Now + first;
    private int _next;

    public override DateTimeOffset? NextAt => _next < items.Count ? _start + TimeSpan.FromMilliseconds(20 * _next) : null;

    public void Seek(long messages) => _next = (int)messages;

    public override T Next() => items[_next++](context.Pool);
}

internal sealed record ListOptions(int Items);
