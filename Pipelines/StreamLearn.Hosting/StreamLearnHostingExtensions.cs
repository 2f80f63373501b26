using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace StreamLearn.Hosting;

/// <summary>Adds pipelines to the generic host.</summary>
public static class StreamLearnHostingExtensions
{
    /// <summary>Adds a pipeline that starts with the host, and when the host stops drains, or saves its state where it keeps
    /// checkpoints.</summary>
    /// <remarks>
    /// It gets a health check <c>streamlearn:name</c> with the tag <c>streamlearn</c>, and its run is found in <see
    /// cref="StreamLearnRuns"/>. What happens to it is logged in category <c>StreamLearn.Hosting</c>: 4100 it has started, 4101 it has
    /// finished, 4102 it drains, 4103 it did not drain in time, 4104 it was canceled, 4105 it failed, 4106 and 4107 the application stops
    /// because it failed or has finished, 4108 and 4109 its state was saved as it was stopped, or could not be. Pipelines start in the
    /// order in which they were added, and stop in the opposite order.
    /// </remarks>
    /// <param name="services">The services of the host.</param>
    /// <param name="name">The name of the pipeline within the host, also of its options.</param>
    /// <param name="define">Makes the pipeline when the host starts; a wrong definition fails the start.</param>
    /// <param name="configure">Sets its options.</param>
    /// <exception cref="ArgumentException">The name is empty or taken.</exception>
    public static IServiceCollection AddStreamLearn(
        this IServiceCollection services, string name, Func<IServiceProvider, Pipeline> define,
        Action<StreamLearnOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(define);
        if (services.Any(s => s.ImplementationInstance is PipelineRegistration other && other.Name == name))
        {
            throw new ArgumentException($"a pipeline was already added under the name '{name}'", nameof(name));
        }

        services.AddSingleton(new PipelineRegistration(name, define));
        services.TryAddSingleton(static provider => new StreamLearnRuns(provider));
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<StreamLearnRuns>().Find(name));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<StreamLearnOptions>, StreamLearnOptionsValidation>());
        services.AddOptions<StreamLearnOptions>(name).Configure(configure ?? (static _ => { })).ValidateOnStart();
        services.AddHealthChecks().Add(new HealthCheckRegistration(
            $"streamlearn:{name}",
            provider => new PipelineHealthCheck(provider.GetRequiredService<StreamLearnRuns>(), name),
            failureStatus: null,
            tags: ["streamlearn"]));
        return services;
    }

    /// <summary>Adds a pipeline that starts with the host, and when the host stops drains, or saves its state where it keeps
    /// checkpoints.</summary>
    /// <inheritdoc cref="AddStreamLearn(IServiceCollection, string, Func{IServiceProvider, Pipeline}, Action{StreamLearnOptions}?)" />
    /// <param name="builder">The builder of the host.</param>
    /// <param name="name">The name of the pipeline within the host, also of its options.</param>
    /// <param name="define">Makes the pipeline when the host starts; a wrong definition fails the start.</param>
    /// <param name="configure">Sets its options.</param>
    public static IHostApplicationBuilder AddStreamLearn(
        this IHostApplicationBuilder builder, string name, Func<IServiceProvider, Pipeline> define,
        Action<StreamLearnOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddStreamLearn(name, define, configure);
        return builder;
    }

    /// <summary>
    /// Lets OpenTelemetry collect the meter <c>StreamLearn</c>: messages, rows, errors, drops, busy and blocked time of each block, fill of
    /// each edge.
    /// </summary>
    /// <param name="builder">The builder of the meter provider.</param>
    public static MeterProviderBuilder AddStreamLearnInstrumentation(this MeterProviderBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddMeter("StreamLearn");
    }

    /// <summary>Lets OpenTelemetry collect the activities of source <c>StreamLearn</c>: one of each run, from its start to its end with its
    /// failure, and within it one of each publication.</summary>
    /// <param name="builder">The builder of the tracer provider.</param>
    public static TracerProviderBuilder AddStreamLearnInstrumentation(this TracerProviderBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddSource("StreamLearn");
    }
}
