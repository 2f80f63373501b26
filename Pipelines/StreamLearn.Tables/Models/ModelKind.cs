namespace StreamLearn.Tables;

/// <summary>A kind of model for sensor windows.</summary>
public enum ModelKind
{
    /// <summary>Convolutions over a window's samples: <see cref="Models.Network.OfWindows"/>.</summary>
    Conv,

    /// <summary>A network with one hidden layer on window features; its first exit is linear.</summary>
    Features,

    /// <summary>The best kind if a program can try several, otherwise <see cref="Features"/>.</summary>
    Auto,

    /// <summary>Softmax regression on window features.</summary>
    Linear,

    /// <summary>Softmax regression on random convolutions: <see cref="Operators.RocketKernels"/>.</summary>
    Rocket,

    /// <summary>Regression on a window's rows; for forecasts, on the newest values of its columns.</summary>
    Lags,
}
