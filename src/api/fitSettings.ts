/**
 * What is fitted, and how; see the options of `fit` in docs/cli.md. Written from the schemas of the options by
 * `npx vitest run test/api/fitSettings.test.ts -u`.
 */
export interface FitSettings {
  /**
   * What is fitted. latent-ode: an ODE-RNN reads what is known, a learned ODE carries z from there to any time;
   * ode-rnn: each observation is predicted from those before it; rnn-delta: as ode-rnn, but the state stands still
   * between observations, and the GRU reads the time since the last; rnn-decay: as ode-rnn, but between observations
   * each unit of the state decays exponentially, at a rate of its own; gru-d: as rnn-decay, but by the time since each
   * channel's last value, which decays toward the channel's mean and stands in where one is missing; gru-ode-bayes: as
   * ode-rnn, but the state follows a GRU in continuous time, and the update reads how far off the prediction was; gp:
   * the population's curve, each series' level, and a process that is correlated in time; mixed: the population's
   * curve, and a smooth deviation of each series; last: the last value shown, with an uncertainty that grows with the
   * gap; linear: interpolation between neighbouring values; looking ahead it is the last value; trend: each series'
   * own line, which levels off beyond what is shown; auto: each of latent-ode, ode-rnn, gp, mixed, last, linear,
   * trend, and the one is kept that does best on the validation series. Default latent-ode.
   */
  readonly model?:
    'latent-ode' | 'ode-rnn' | 'rnn-delta' | 'rnn-decay' | 'gru-d' | 'gru-ode-bayes' | 'gp' | 'mixed' | 'last' | 'linear' | 'trend' | 'auto'
  /**
   * What reads the observations. ode-rnn: follows a learned ODE from observation to observation, backward, and updates
   * its state at each; rnn: reads the observations from last to first, and the gaps between them as numbers: cheaper
   * than ode-rnn where gaps are long. Default ode-rnn.
   */
  readonly encoder?: 'ode-rnn' | 'rnn'
  /** Family of q(z0). gaussian: a normal distribution with independent components. Default gaussian. */
  readonly posterior?: 'gaussian'
  /**
   * Dynamics of z. mlp: a perceptron, dz/dt = rate f(z); semilinear: a linear map and a perceptron, dz/dt = rate (A z
   * + f(z)), nearly linear at first; second-order: z = (x, v) and a perceptron for the acceleration, dx/dt = rate v,
   * dv/dt = rate f(x, v), for what swings; gated: a gated unit in continuous time, dz/dt = rate (1 − g(z)) (c(z) − z),
   * whose z stays bounded ahead; linear: oscillations that grow or decay, dz/dt = A z, computed in closed form without
   * a solver. Default mlp.
   */
  readonly dynamics?: 'mlp' | 'semilinear' | 'second-order' | 'gated' | 'linear'
  /**
   * Distribution of what is observed around the model's mean, for all channels or like
   * weight=student-t,pulse=gaussian. gaussian: normal noise; student-t: Student-t noise with four degrees of freedom,
   * which outliers do not upset; bernoulli: for 0 and 1; poisson: for counts that vary by no more than their mean;
   * negative-binomial: for counts; zero-inflated: for what is exactly 0 at times and else positive, like sales; auto:
   * by the values of each channel, which fit says. Default gaussian.
   */
  readonly likelihood?: 'gaussian' | 'student-t' | 'bernoulli' | 'poisson' | 'negative-binomial' | 'zero-inflated' | 'auto' | string
  /** Dimension of the latent state z; auto: by the number of channels, 8 to 20. Default auto. */
  readonly latents?: 'auto' | number
  /** Size of the hidden state of the encoder; auto: by the number of channels, 32 to 64. Default auto. */
  readonly encoderUnits?: 'auto' | number
  /** Width of the hidden layer of the vector field of the encoder ode-rnn; auto: as above. Default auto. */
  readonly encoderFieldUnits?: 'auto' | number
  /** Width of the hidden layers of the dynamics dz/dt = f(z); auto: by the number of channels, 32 to 64. Default auto. */
  readonly fieldUnits?: 'auto' | number
  /** Number of hidden layers of the dynamics. Default 1. */
  readonly fieldLayers?: number
  /** Let the dynamics depend on time too. Default false. */
  readonly timeDependent?: boolean
  /**
   * Speed of the dynamics, dz/dt = rate f(z) per length of the longest series; auto: from how fast the data change.
   * Default auto.
   */
  readonly rate?: 'auto' | number
  /** Width of the decoder's hidden layer; 0 for a linear decoder; auto: by the number of channels, 32 to 64. Default auto. */
  readonly decoderUnits?: 'auto' | number
  /**
   * Observation noise: learned, learned as a function of z (state), or a number in units of each channel's standard
   * deviation. Default learned.
   */
  readonly noise?: 'learned' | 'state' | number
  /**
   * Process with a memory between mean and noise, for channels with a normal likelihood: Ornstein–Uhlenbeck (ou),
   * Matérn-3/2 (matern32), which is smoother, one between them that learns how smooth it is (car2), or none; auto: ou,
   * and where training ends by itself then car2, if it forecasts the validation series better. Default auto.
   */
  readonly residual?: 'auto' | 'car2' | 'ou' | 'matern32' | 'none'
  /**
   * Where z0 lives: each series' first observation, the data's earliest time (common), or time zero; auto: the
   * earliest time where series begin at about the same time, else the first observation. Default auto.
   */
  readonly origin?: 'auto' | 'first' | 'common' | 'zero'
  /** ODE solver of the dynamics. Default dopri5. */
  readonly method?:
    | 'dopri5'
    | 'dopri8'
    | 'tsit5'
    | 'bosh3'
    | 'fehlberg2'
    | 'adaptiveHeun'
    | 'rk4'
    | 'rk38'
    | 'midpoint'
    | 'heun'
    | 'ralston'
    | 'euler'
    | 'rodas5p'
    | 'rodas4'
    | 'rosenbrock23'
    | 'kvaerno5'
    | 'kvaerno3'
    | 'trbdf2'
    | 'implicitEuler'
    | 'trapezoid'
    | 'adams'
  /**
   * Step of the fixed-step methods (rk4, rk38, midpoint, heun, ralston, euler, implicitEuler, trapezoid), as a
   * fraction of the longest series. Default 0.02.
   */
  readonly stepSize?: number
  /** Relative tolerance of the adaptive methods. Default 0.001. */
  readonly rtol?: number
  /** Absolute tolerance of the adaptive methods. Default 0.0001. */
  readonly atol?: number
  /** Most solver steps per series. Default 1000. */
  readonly maxSteps?: number
  /** Gradient of the solver. Default discrete. */
  readonly adjoint?: 'discrete' | 'continuous' | 'interpolated'
  /** Size of the hidden state; auto: by the number of channels, 32 to 64. Default auto. */
  readonly units?: 'auto' | number
  /**
   * Weight of the KL divergence of what the state says after an observation from what Bayes says; 0: the likelihood
   * alone. Default 0.01.
   */
  readonly bayesWeight?: number
  /** Noise of a measurement for that, in units of each channel's standard deviation. Default 0.1. */
  readonly bayesNoise?: number
  /** Most passes over the training series. Default: until the validation loss is at rest. */
  readonly epochs?: number
  /** Most time to train: 30s, 5m, 2h; auto: by the number of values, 100 s for 10,000, 9 minutes for 500,000. Default auto. */
  readonly budget?: 'auto' | 'none' | string
  /** Series per step. Default 32. */
  readonly batchSize?: number
  /** Least steps in an epoch: small sets are passed over several times. Default 20. */
  readonly minSteps?: number
  /** Seed of everything random. Default 1. */
  readonly seed?: number
  /** elbo, iwae, or the formula of the code released with the paper. Default elbo. */
  readonly objective?: 'elbo' | 'iwae' | 'rubanova'
  /**
   * What counts alike in the likelihood. values: each value; channels: each channel, about, by weights; root: between
   * the two. Default values.
   */
  readonly balance?: 'values' | 'root' | 'channels'
  /** Samples of z0 per series in training. Default 3. */
  readonly samples?: number
  /** Samples of z0 per series in validation. Default 5. */
  readonly validationSamples?: number
  /** Which observations the model is shown in training. Default mixed. */
  readonly conditioning?: 'mixed' | 'all' | 'interpolation' | 'extrapolation'
  /**
   * With --conditioning interpolation: the fraction of the rows that is shown; two like 0.1..0.9: drawn from between.
   * Default: 0.5.
   */
  readonly shown?: number | string
  /**
   * With --conditioning extrapolation: where what is shown ends, as in evaluate; two fractions like 0.1..0.9: drawn
   * from between. Default: 0.5.
   */
  readonly cut?: number | string
  /** Optimiser. Default adam. */
  readonly optimiser?: 'adam' | 'adamax'
  /** Learning rate of the first step. Default 0.01. */
  readonly learningRate?: number
  /** Factor on the learning rate when the validation loss gets no better. Default 0.3. */
  readonly learningRateCut?: number
  /** Least learning rate, as a fraction of the first. Default 0.03. */
  readonly learningRateFloor?: number
  /** Decay of weight matrices per unit of learning rate; 1 helps where few, noisy series are overfitted. Default 0. */
  readonly weightDecay?: number
  /** Stretch intervals after training so that on the validation series they hold what they say. Default true. */
  readonly calibrate?: boolean
  /**
   * Baselines that forecasts are averaged with, weighted by how they do on the validation series, or none: gp, mixed,
   * last, linear, trend. Default gp,mixed,last.
   */
  readonly stack?: 'none' | string
  /** Greatest norm of the gradient; auto: three times the median of the last 50 steps. Default auto. */
  readonly clip?: 'auto' | number
  /**
   * What a step keeps of the running average of the weights, which is what is validated and kept; 0: no average.
   * Default 0.98.
   */
  readonly averaging?: number
  /** Epochs over which the KL term gains its full weight. Default 10. */
  readonly klWarmup?: number
  /**
   * Epochs without a better validation loss after which the learning rate is cut, and at its floor training ends; 0:
   * never. Default 10.
   */
  readonly patience?: number
  /**
   * Trainings that differ by their seed alone, in one model whose forecasts are the average of theirs; they share the
   * budget. Default 1.
   */
  readonly ensemble?: number
  /**
   * Parts that the training and validation series are divided into: each validates a training on the others, and
   * forecasts are the average of all. auto: 5 where under 5 series would validate, else 1. Default: auto; 1 with
   * --epochs, --valid-fraction or --ensemble.
   */
  readonly folds?: 'auto' | number
  /** Logarithm of the values: where it makes them more normal, wherever possible, never. Default auto. */
  readonly transform?: 'auto' | 'log' | 'none'
  /** Fraction of the series that decides when training ends. Default 0.15. */
  readonly validFraction?: number
  /**
   * Rows of the windows that long series are cut into: auto cuts where there are too few series for their length.
   * Default auto.
   */
  readonly window?: 'auto' | 'none' | number
  /** Rows from one window to the next. Default: a whole window. */
  readonly stride?: number
  /** Fraction of the series kept for evaluation. Default 0.15. */
  readonly testFraction?: number
}
