namespace StreamLearn;

/// <summary>An operator's two outputs. Use each, or <see cref="Flow{T}.Discard"/> it.</summary>
/// <typeparam name="TMain">Main output messages.</typeparam>
/// <typeparam name="TSide">Side output messages.</typeparam>
/// <param name="Main">The main output.</param>
/// <param name="Side">The side output.</param>
public sealed record Fork<TMain, TSide>(Flow<TMain> Main, Flow<TSide> Side)
    where TMain : class
    where TSide : class
{
    /// <summary>Adds a control input to the operator.</summary>
    /// <typeparam name="TControl">The control messages; the operator implements <see cref="IControlledBy{T}"/> for them.</typeparam>
    /// <param name="control">The control flow.</param>
    public Fork<TMain, TSide> ControlledBy<TControl>(Flow<TControl> control)
        where TControl : class
    {
        Main.ControlledBy(control);
        return this;
    }

    /// <summary>Sets the operator's error policy.</summary>
    /// <param name="policy">The policy; default fail.</param>
    public Fork<TMain, TSide> OnError(ErrorPolicy policy)
    {
        Main.OnError(policy);
        return this;
    }
}

/// <summary>An operator's three outputs. Use each, or <see cref="Flow{T}.Discard"/> it.</summary>
/// <typeparam name="TMain">Main output messages.</typeparam>
/// <typeparam name="TSide">Side output messages.</typeparam>
/// <typeparam name="TThird">Third output messages.</typeparam>
/// <param name="Main">The main output.</param>
/// <param name="Side">The side output.</param>
/// <param name="Third">The third output.</param>
public sealed record Fork<TMain, TSide, TThird>(Flow<TMain> Main, Flow<TSide> Side, Flow<TThird> Third)
    where TMain : class
    where TSide : class
    where TThird : class
{
    /// <summary>Adds a control input to the operator.</summary>
    /// <typeparam name="TControl">The control messages; the operator implements <see cref="IControlledBy{T}"/> for them.</typeparam>
    /// <param name="control">The control flow.</param>
    public Fork<TMain, TSide, TThird> ControlledBy<TControl>(Flow<TControl> control)
        where TControl : class
    {
        Main.ControlledBy(control);
        return this;
    }

    /// <summary>Sets the operator's error policy.</summary>
    /// <param name="policy">The policy; default fail.</param>
    public Fork<TMain, TSide, TThird> OnError(ErrorPolicy policy)
    {
        Main.OnError(policy);
        return this;
    }
}
