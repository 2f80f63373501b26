namespace StreamLearn;

/// <summary>The two outputs of an operator. Each must be used, if only by <see cref="Flow{T}.Discard"/>.</summary>
/// <typeparam name="TMain">Messages of the main output.</typeparam>
/// <typeparam name="TSide">Messages of the side output.</typeparam>
/// <param name="Main">The main output.</param>
/// <param name="Side">The side output.</param>
public sealed record Fork<TMain, TSide>(Flow<TMain> Main, Flow<TSide> Side)
    where TMain : class
    where TSide : class
{
    /// <summary>Adds a control input to the operator.</summary>
    /// <typeparam name="TControl">The control messages; the operator implements <see cref="IControlledBy{T}"/> for them.</typeparam>
    /// <param name="control">Where they come from.</param>
    public Fork<TMain, TSide> ControlledBy<TControl>(Flow<TControl> control)
        where TControl : class
    {
        Main.ControlledBy(control);
        return this;
    }

    /// <summary>Sets what the host does when a call of the operator throws.</summary>
    /// <param name="policy">The policy; default fail.</param>
    public Fork<TMain, TSide> OnError(ErrorPolicy policy)
    {
        Main.OnError(policy);
        return this;
    }
}

/// <summary>The three outputs of an operator. Each must be used, if only by <see cref="Flow{T}.Discard"/>.</summary>
/// <typeparam name="TMain">Messages of the main output.</typeparam>
/// <typeparam name="TSide">Messages of the side output.</typeparam>
/// <typeparam name="TThird">Messages of the third output.</typeparam>
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
    /// <param name="control">Where they come from.</param>
    public Fork<TMain, TSide, TThird> ControlledBy<TControl>(Flow<TControl> control)
        where TControl : class
    {
        Main.ControlledBy(control);
        return this;
    }

    /// <summary>Sets what the host does when a call of the operator throws.</summary>
    /// <param name="policy">The policy; default fail.</param>
    public Fork<TMain, TSide, TThird> OnError(ErrorPolicy policy)
    {
        Main.OnError(policy);
        return this;
    }
}
