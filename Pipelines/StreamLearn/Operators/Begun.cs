namespace StreamLearn;

internal abstract class Begun
{
    internal abstract bool IsOver { get; }

    internal abstract void End();
}

/// <summary>Work may start while its message is queued. Calls stay in order, each after its work; in other hosts, calls do it.</summary>
internal interface IBeginsAhead
{
    int MaxBegun { get; }

    Begun Begin(object item, Action over);

    void Take(Begun work);
}
