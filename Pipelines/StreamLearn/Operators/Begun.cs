namespace StreamLearn;

internal abstract class Begun
{
    internal abstract bool IsOver { get; }

    internal abstract void End();
}

/// <summary>An operator whose work may start while its message is queued. Calls stay in order, each after its work. In other hosts, the
/// call does the work.</summary>
internal interface IBeginsAhead
{
    int MaxBegun { get; }

    Begun Begin(object item, Action over);

    void Take(Begun work);
}
