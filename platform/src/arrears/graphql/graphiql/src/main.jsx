import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import './page.css';
import { createRoot } from 'react-dom/client';
import { exampleQuery } from './api.js';
import { Page } from './Page.jsx';

const root = createRoot(document.getElementById('page'));
root.render(<Page example={await exampleQuery()} />);
