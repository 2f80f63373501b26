namespace StreamLearn;

/// <summary>The two outputs of an operator. Use each, or <see cref="Flow{T}.Discard"/> it.</summary>
public sealed record Fork<TMain, TSide>(Flow<TMain> Main, Flow<TSide> Side)
    where TMain : class
    where TSide : class
{
    /// <summary>Adds a control input to the operator.</summary>
    /// <typeparam name="TControl">The control messages; the operator implements <see cref="IControlledBy{T}"/> for them.</typeparam>
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

/// <summary>The three outputs of an operator. Use each, or <see cref="Flow{T}.Discard"/> it.</summary>
public sealed record Fork<TMain, TSide, TThird>(Flow<TMain> Main, Flow<TSide> Side, Flow<TThird> Third)
    where TMain : class
    where TSide : class
    where TThird : class
{
    /// <summary>Adds a control input to the operator.</summary>
    /// <typeparam name="TControl">The control messages; the operator implements <see cref="IControlledBy{T}"/> for them.</typeparam>
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
